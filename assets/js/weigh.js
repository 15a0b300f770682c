// Asks the portal what the words weigh while they are typed; what it says stands in one region. Without a script there is a button.
const PAUSE_MS = 300;

/** Answers may overtake each other: only that of the last question is shown. */
export function weighWords() {
  const form = document.querySelector("form[data-live-segments]");
  if (!form) return;
  let waiting = 0;
  let asked = 0;
  const ask = async () => {
    const mine = ++asked;
    const answer = await fetch(`?${new URLSearchParams(new FormData(form))}`, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok || mine !== asked) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.getElementById("found").replaceChildren(...page.getElementById("found").childNodes);
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE_MS);
  });
}

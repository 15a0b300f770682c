// Begins each part of a page by itself: what throws in one takes nothing else with it.

/** parts: functions, which may return a promise. */
export function begin(...parts) {
  parts.forEach((part) => {
    try {
      Promise.resolve(part()).catch(complain);
    } catch (fault) {
      complain(fault);
    }
  });
}

const complain = (fault) => console.warn("a part of this page did not begin:", fault?.name);

/** What `promise` comes to, or a refusal after so many milliseconds: a store may hang, and nobody waits for it. */
export function within(milliseconds, promise) {
  let timer;
  const late = new Promise((_, refuse) => { timer = setTimeout(() => refuse(new Error("too late")), milliseconds); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

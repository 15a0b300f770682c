import { drawBodyMaps } from "./body-map.js";
import { report } from "./device.js";
import { attendForms } from "./forms.js";
import { runShell, toldAge } from "./shell.js";

attendForms();
runShell().then((facts) => {
  drawBodyMaps(toldAge);
  if (facts) report(facts.account);
});
// "online" says that there is a network, not that the portal answers yet: ask until it does, unless somebody is writing.
const ASK_AGAIN_MS = 3000;
async function goBack() {
  if (document.querySelector("form[data-page]:not([hidden])")) return;
  const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => undefined);
  if (answer?.ok) location.assign("/today");
}
window.addEventListener("online", goBack);
setInterval(() => { if (navigator.onLine) goBack(); }, ASK_AGAIN_MS);

import { begin } from "./begin.js";
import { drawBodyMaps } from "./body-map.js";
import { report } from "./device.js";
import { attendForms } from "./forms.js";
import { runShell, sendUnsaved, toldAge } from "./shell.js";

async function open() {
  const facts = await runShell();
  begin(() => drawBodyMaps(toldAge), () => facts && report(facts.account));
}
// "online" says that there is a network, not that the portal answers yet: ask until it does, unless somebody is writing
// or something is only on this page.
const ASK_AGAIN_MS = 3000;
async function goBack() {
  if (document.querySelector("form[data-screen]:not([hidden])")) return;
  const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => undefined);
  if (answer?.ok && await sendUnsaved()) location.assign("/today");
}
begin(attendForms, open);
window.addEventListener("online", () => goBack().catch(() => undefined));
setInterval(() => { if (navigator.onLine) goBack().catch(() => undefined); }, ASK_AGAIN_MS);

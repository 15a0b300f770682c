import { drawBodyMaps } from "./body-map.js";
import { report } from "./device.js";
import { watchEnableWhen } from "./enable-when.js";
import { attendForms } from "./forms.js";
import { runShell, toldAge } from "./shell.js";

watchEnableWhen();
attendForms();
runShell().then((facts) => {
  drawBodyMaps(toldAge);
  if (facts) report(facts.account);
});
window.addEventListener("online", () => { if (!document.querySelector("form[data-page]:not([hidden])")) location.assign("/today"); });

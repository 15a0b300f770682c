import { begin } from "./begin.js";
import { watchEnableWhen } from "./enable-when.js";
import { attendForms } from "./forms.js";
import { keepLive } from "./live.js";
import { weighWords } from "./weigh.js";

begin(watchEnableWhen, attendForms, keepLive, weighWords);

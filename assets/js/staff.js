import { watchEnableWhen } from "./enable-when.js";
import { attendForms } from "./forms.js";
import { keepLive } from "./live.js";

watchEnableWhen();
attendForms();
keepLive();

import { watchEnableWhen } from "./enable-when.js";
import { attendForms } from "./forms.js";

watchEnableWhen();
attendForms();

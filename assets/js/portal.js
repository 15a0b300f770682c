import { drawBodyMaps } from "./body-map.js";
import { attendDevice } from "./device.js";
import { watchEnableWhen } from "./enable-when.js";
import { attendForms } from "./forms.js";

watchEnableWhen();
attendForms();
drawBodyMaps();
attendDevice();

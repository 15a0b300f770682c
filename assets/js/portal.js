import { begin } from "./begin.js";
import { drawBodyMaps } from "./body-map.js";
import { attendDevice, forgetLeft, keepShell, watchSignOut } from "./device.js";
import { watchEnableWhen } from "./enable-when.js";
import { attendForms } from "./forms.js";
import { watchRed } from "./red.js";

begin(watchEnableWhen, watchRed, attendForms, drawBodyMaps, watchSignOut, keepShell, forgetLeft, attendDevice);

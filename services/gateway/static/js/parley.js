// The page's script: makes a page that works without it quicker and livelier. Modules by noun, no build step.
//
// page.js        the screen that is shown: sending the form, putting the next screen in its place
// fields.js      reading and setting fields by variable name        conditions.js  show if and kin
// widgets.js     comboboxes, checkbox groups, sliders, popovers     validate.js    checks before sending
// signature.js   the pad                                            live.js        event stream, check-in, reload
// api.js         the functions that authors' scripts may call
import * as api from "./api.js";
import * as page from "./page.js";
import * as live from "./live.js";

api.install();
page.start();
live.start();

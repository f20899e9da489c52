// @ts-check
// The functions that authors' scripts may call, under all of their documented names (functions.md "Javascript functions").
import * as actionlinks from "./actionlinks.js";
import * as conditions from "./conditions.js";
import * as fields from "./fields.js";
import { flash } from "./flash.js";
import * as form from "./form.js";
import * as screen from "./screen.js";
import * as server from "./server.js";
import { current } from "./state.js";

/** @param {string} action @param {unknown} args @param {boolean} [forgetPrior] */
const urlAction = (action, args, forgetPrior) => `${current().url}&action=${actionlinks.encode(actionlinks.prepared(action, args, forgetPrior))}`;

/** @param {string} action @param {unknown} args @param {boolean} [forgetPrior] */
function actionPerform(action, args, forgetPrior) {
  const one = actionlinks.prepared(action, args, forgetPrior);
  return form.perform(one.action, one.arguments);
}

/** @param {string} action @param {unknown} args @param {(data: any) => void} [callback] @param {boolean} [forgetPrior] @param {boolean} [readOnly] */
async function actionCall(action, args, callback, forgetPrior, readOnly = false) {
  const one = actionlinks.prepared(action, args, forgetPrior);
  const data = await server.call(one.action, one.arguments, { readOnly });
  callback?.(data);
  return data;
}

/** @param {(data: any) => void} [callback] */
async function getInterviewVariables(callback) {
  const data = await server.variables();
  callback?.(data);
  return data;
}

/** @param {string} name @param {unknown} value */
function setField(name, value) {
  fields.setField(name, value);
  conditions.apply();
}

/** @type {[Function, string[]][]} */
const documented = [
  [flash, ["flash", "da_flash"]],
  [fields.val, ["val", "da_val"]],
  [fields.getField, ["getField", "daGetField"]],
  [setField, ["setField", "daSetField"]],
  [fields.getFields, ["getFields", "daGetFields"]],
  [urlAction, ["url_action", "da_url_action"]],
  [actionPerform, ["action_perform", "da_action_perform", "url_action_perform"]],
  [actionCall, ["action_call", "da_action_call", "url_action_call"]],
  [getInterviewVariables, ["get_interview_variables", "da_get_interview_variables"]],
  [conditions.apply, ["daShowIf", "daShowIfProcess"]],
  [() => screen.refresh({ keep: true }), ["daRefreshSubmit"]],
];

/** Give them to the page. */
export function start() {
  for (const [given, names] of documented) for (const name of names) /** @type {any} */ (window)[name] = given;
}

// The functions that authors' scripts may call, under both of their documented names (functions.md "Javascript functions").
import { apply } from "./conditions.js";
import * as fields from "./fields.js";
import { flash } from "./flash.js";
import { callAction } from "./live.js";
import * as page from "./page.js";

function encode(value) {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const asked = (action, args, forgetPrior) =>
  forgetPrior ? { action: "_da_priority_action", arguments: { _action: action, _arguments: args || {} } } : { action, arguments: args || {} };

function urlAction(action, args, forgetPrior = false) {
  return `${page.state.url}&action=${encode(asked(action, args, forgetPrior))}`;
}

function actionPerform(action, args, forgetPrior = false) {
  const one = asked(action, args, forgetPrior);
  return page.perform(one.action, one.arguments);
}

function actionCall(action, args, callback, forgetPrior = false, readOnly = false) {
  const one = asked(action, args, forgetPrior);
  return callAction(one.action, one.arguments, { readOnly }).then((data) => {
    if (callback) callback(data);
    return data;
  });
}

async function getInterviewVariables(callback) {
  const response = await fetch(`/variables?session=${encodeURIComponent(page.state.session)}`, { credentials: "same-origin" });
  const data = response.ok ? await response.json() : { success: false };
  if (callback) callback(data);
  return data;
}

function setField(name, value) {
  fields.setField(name, value);
  apply();
}

const documented = {
  flash: ["flash", "da_flash"],
  val: ["val", "da_val"],
  getField: ["getField", "daGetField"],
  setField: ["setField", "daSetField"],
  getFields: ["getFields", "daGetFields"],
  urlAction: ["url_action", "da_url_action"],
  actionPerform: ["action_perform", "da_action_perform", "url_action_perform"],
  actionCall: ["action_call", "da_action_call", "url_action_call"],
  getInterviewVariables: ["get_interview_variables", "da_get_interview_variables"],
};
const functions = { flash, val: fields.val, getField: fields.getField, setField, getFields: fields.getFields, urlAction, actionPerform, actionCall, getInterviewVariables };

export function install() {
  for (const [name, others] of Object.entries(documented)) for (const other of others) window[other] = functions[name];
  window.daShowIf = window.daShowIfProcess = apply;
  window.daRefreshSubmit = () => page.refresh({ keep: true });
}

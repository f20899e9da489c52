// show if, hide if, enable if, disable if and their js kin (fields.md). A hidden field is disabled: it is not sent.
import { container, val } from "./fields.js";
import { runScript } from "./page.js";

const compiled = new Map();

const same = (found, wanted) => {
  if (Array.isArray(found)) return found.includes(String(wanted));
  if (typeof wanted === "boolean") return found === wanted || String(found) === (wanted ? "True" : "False");
  if (wanted === null) return found === null || found === "None" || found === "";
  return String(found) === String(wanted);
};

function holds(condition) {
  if (condition.number !== undefined) {
    const test = compiled.get(`${condition.number}/${condition.index}`);
    let result = false;
    try {
      result = Boolean(test && test());
    } catch (error) {
      console.error("js show if:", error);
    }
    return condition.sign === false ? !result : result;
  }
  const source = container(condition.variable);
  const absent = (source && source.hidden) || val(condition.variable) === null;
  // A field that is not there fulfils no condition, whichever way it is asked (fields.md "show if").
  const found = val(condition.variable);
  const result = "is" in condition ? !absent && same(found, condition.is) : !absent && (found === true || (typeof found === "string" && found !== "" && found !== "False"));
  if (source && source.hidden && condition.sign !== false) return false;
  return condition.sign === false ? !result : result;
}

function set(box, shown, enabled) {
  const was = box.hidden;
  box.hidden = !shown;
  for (const element of box.querySelectorAll("input, select, textarea, button:not(.help-button)")) {
    if (element.dataset.own === undefined) element.dataset.own = element.disabled ? "1" : "";
    element.disabled = element.dataset.own === "1" || !shown || !enabled;
  }
  if (was !== box.hidden) box.dispatchEvent(new CustomEvent(shown ? "daShow" : "daHide", { bubbles: true }));
}

function conditionsOf(box) {
  const plain = box.dataset.conditions ? JSON.parse(box.dataset.conditions) : [];
  const js = box.dataset.jsConditions !== undefined ? list.filter((one) => String(one.number) === box.dataset.jsConditions) : [];
  return [...plain, ...js];
}

let list = [];

export function apply() {
  const boxes = [...document.querySelectorAll("#answer [data-conditions], #answer [data-js-conditions]")];
  // A field may hang on one that is itself hidden: until nothing changes, at most as often as there are fields.
  for (let round = 0; round <= boxes.length; round++) {
    let changed = false;
    for (const box of boxes) {
      let shown = true;
      let enabled = true;
      for (const condition of conditionsOf(box)) {
        if (condition.disable) enabled = enabled && holds(condition);
        else shown = shown && holds(condition);
      }
      const state = `${shown}/${enabled}`;
      if (box.dataset.state !== state) changed = true;
      box.dataset.state = state;
      set(box, shown, enabled);
    }
    if (!changed) break;
  }
}

export function start(conditions) {
  compiled.clear();
  list = conditions.map((one, index) => ({ ...one, index }));
  window.__parleyConditions = (key, test) => compiled.set(key, test);
  for (const one of list) {
    const key = JSON.stringify(`${one.number}/${one.index}`);
    runScript(`window.__parleyConditions(${key}, function(){ return (${one.js}\n); });`);
  }
  const form = document.getElementById("answer");
  if (!form) return;
  apply();
  form.addEventListener("change", apply);
  form.addEventListener("input", apply);
}

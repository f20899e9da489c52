"""What a page shows, as a person with it in front of them would tell: the same shape as wanted.py makes."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.e2e.browser.recorded.plain import reading

#: Reads the page in one go; HTML of texts is made plain host, by the code that reads the wanted ones.
_READ = r"""() => {
  const CONTROLS = ".required, .help-button, .definition, .field, .decoration, noscript, script, style";
  const html = (node) => {
    if (!node) return null;
    const copy = node.cloneNode(true);
    for (const one of copy.querySelectorAll(CONTROLS)) one.remove();
    return copy.innerHTML;
  };
  const pairs = (nodes, label) => nodes.map((one) => [html(label(one)), one.value]);
  const labelOf = (input) => document.querySelector(`label[for="${CSS.escape(input.id)}"]`);
  const field = (box) => {
    if (box.matches("input")) return { name: box.name, control: "hidden", value: box.value, shown: true };
    if (!box.dataset.field) return { name: null, control: "text", label: html(box), shown: box.checkVisibility() };
    const all = (what) => [...box.querySelectorAll(what)];
    const one = (what) => box.querySelector(what);
    const found = { name: box.dataset.field, shown: box.checkVisibility() };
    const label = one("legend") || one(".label-row > label, label.visually-hidden") || (one(".choice-single") ? one("label") : null)
      || (box.classList.contains("form-floating") ? one("label") : null);
    found.label = html(label);
    found.marked = Boolean(one(".required"));
    const group = one("fieldset"), select = one("select"), canvas = one("canvas"), area = one("textarea");
    const input = one("input:not([type=hidden])");
    if (group) {
      const boxes = all("input:not([type=hidden])").filter((item) => !item.dataset.exclusive);
      found.control = group.querySelector("input[type=hidden][name=':list']") ? "checkboxes" : "radio";
      found.choices = pairs(boxes, labelOf);
      found.required = group.getAttribute("aria-required") === "true";
      found.disabled = boxes.length > 0 && boxes.every((item) => item.disabled);
    } else if (one(".choice-single")) {
      found.control = "checkbox";
      found.disabled = input.disabled;
    } else if (select) {
      found.control = select.multiple ? "multiselect" : "dropdown";
      const options = [...select.options];
      if (!select.multiple && options.length && options[0].value === "") options.shift();
      found.choices = pairs(options, (item) => item);
      found.required = select.required;
      found.disabled = select.disabled;
    } else if (canvas) {
      found.control = "signature";
      found.required = true;
    } else {
      const control = area || input;
      found.control = area ? "area" : one("[data-combobox]") ? "combobox" : one("[data-ajax]") ? "ajax" : one("datalist") ? "datalist"
        : input.type === "file" ? "file" : input.type === "range" ? "range" : `input:${input.type === "tel" ? "text" : input.type}`;
      if (["combobox", "datalist"].includes(found.control)) found.choices = pairs(all("datalist option"), (item) => item);
      found.required = control.required;
      found.disabled = control.disabled;
      found.value = control.value;
    }
    return found;
  };
  const question = document.getElementById("question");
  const form = document.getElementById("answer");
  const outer = (node) => !node.parentElement.closest(".field");
  const fields = form ? [...form.querySelectorAll(".field, input[type=hidden][data-variable]")].filter(outer) : [];
  const buttons = form ? [...form.querySelectorAll(".actions > button.btn:not([name=':action'], [name=':do'], [popovertarget], [data-script])")] : [];
  return {
    heading: html(document.getElementById("heading")),
    text: html(document.querySelector("main .subquestion")),
    under: html(document.querySelector(".part-under")),
    right: html(document.querySelector("aside.right")),
    fields: fields.map(field),
    buttons: buttons.map((one) => ({ label: html(one), large: one.classList.contains("btn-lg") })),
    documents: question ? [...question.querySelectorAll(".document h2")].map(html) : [],
    review: [...document.querySelectorAll(".review > div")].map((row) => {
      const button = row.querySelector("button");
      const label = row.matches(".review-note") ? row : row.querySelector(".review-label") || button;
      return [html(label), html(row.querySelector(".review-content"))];
    }),
    errors: [...document.querySelectorAll(".error-summary, .field-error")].map(html),
  };
}"""


def look(page: Page) -> dict[str, Any]:
    """The page's fields, texts and buttons; `shown`, `marked` and `disabled` of a field besides what wanted.py has."""
    seen = page.evaluate(_READ)
    for key in ("heading", "text", "under", "right"):
        seen[key] = reading(seen[key])
    for field in seen["fields"]:
        if field.get("label") is not None:
            field["label"] = reading(field["label"])
        if field.get("choices") is not None:
            field["choices"] = [(reading(label), value) for label, value in field["choices"]]
    for button in seen["buttons"]:
        button["label"] = reading(button["label"])
    seen["documents"] = [reading(one) for one in seen["documents"]]
    seen["review"] = [(reading(label), reading(content)) for label, content in seen["review"]]
    seen["errors"] = [reading(one) for one in seen["errors"]]
    return dict(seen)


def compared(seen: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """What was seen, in the shape of `wanted`, and only of what `wanted` says anything about."""
    made = {key: seen[key] for key in ("heading", "text", "under", "right", "documents", "review")}
    made["in the text"], made["list"] = wanted["in the text"], None
    fields = seen["fields"]
    if wanted["list"] is not None:
        listed = fields.pop(0) if fields else {"control": None, "choices": []}
        labels = [label for label, _ in listed["choices"]]
        in_order = sorted(labels) if wanted["any order"] else labels
        made["list"] = {"control": listed["control"], "labels": in_order}
    if wanted["in the text"]:
        # The author says where each field stands.
        place = {field["name"]: number for number, field in enumerate(wanted["fields"])}
        fields = sorted(fields, key=lambda field: place.get(field["name"], -1))
    likes = [*wanted["fields"], *[None] * len(fields)]
    made["fields"] = [_narrowed(field, like) for field, like in zip(fields, likes, strict=False)]
    labels = [one["label"] for one in seen["buttons"] if not one["large"]]
    made["any order"] = wanted["any order"]
    made["buttons"] = sorted(labels) if wanted["any order"] else labels
    made["goes on"] = None if wanted["goes on"] is None else any(one["large"] for one in seen["buttons"])
    return made


def _narrowed(field: dict[str, Any], like: dict[str, Any] | None) -> dict[str, Any]:
    if like is None:
        return field
    made = {key: field.get(key) for key in ("name", "control", "label", "choices", "value")}
    made["any order"] = like["any order"]
    if like["any order"] and made["choices"]:
        made["choices"] = sorted(made["choices"])
    if like["value"] is None:
        made["value"] = None
    marked, needed = bool(field.get("marked")), bool(field.get("required"))
    if like["required"] is None:
        made["required"] = None
    elif field["control"] == "checkboxes":
        made["required"] = marked  # a group of boxes has no attribute for it
    elif field["label"] is None or marked == needed:
        made["required"] = needed
    else:
        made["required"] = f"marked: {marked}, needed: {needed}"
    return made

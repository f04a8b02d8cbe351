// What is typed in one form of a part stays when another form of the page is sent or opened and the part comes anew: it
// is put back into the same form, at once or when that form is opened again. Sent or cancelled, it is forgotten.
"use strict";
(() => {
  const FORMS = ["findings", "actions", "latency"].map((part) => `form[hx-post][hx-target="#${part}"]`).join(", ");
  const kept = new Map();
  const refused = new WeakSet(); // what stands in them is nowhere saved, though it came from the server
  let answered = null; // the key of the form whose own answer is being drawn

  const NONE = /^(file|submit|button|fieldset)$/;
  const controls = (form) =>
    [...form.elements].filter((one) => one.name && one.name !== "csrfmiddlewaretoken" && !NONE.test(one.type));
  const ticks = (control) => control.type === "checkbox" || control.type === "radio";
  const key = (form) =>
    [form.getAttribute("action").split("?")[0], ...controls(form).map((one) => `${one.name}:${one.type}`)]
      .filter((part, place, all) => all.indexOf(part) === place)
      .join(" ");

  const given = (control) => {
    if (control.type !== "select-one") return control.defaultValue;
    return ([...control.options].find((one) => one.defaultSelected) ?? control.options[0])?.value;
  };
  const touched = (control) => {
    if (control.type === "hidden") return false;
    return ticks(control) ? control.checked !== control.defaultChecked : control.value !== given(control);
  };

  const state = (form) =>
    controls(form).map((one) => ({ name: one.name, value: one.value, checked: one.checked, given: given(one) }));

  const putBack = (form, fields) => {
    for (const control of controls(form)) {
      const is = ({ name, value }) => name === control.name && (!ticks(control) || value === control.value);
      const field = fields.find(is);
      // A choice that comes set otherwise is what the form was opened for this time.
      if (!field || (control.type === "select-one" && given(control) !== field.given)) continue;
      if (ticks(control)) control.checked = field.checked;
      else control.value = field.value; // `seen` too: what was typed on an older version is not saved over a newer one
      if (touched(control)) control.dispatchEvent(new Event("change", { bubbles: true }));
    }
    form.closest("details")?.setAttribute("open", "");
    const box = document.getElementById("live-polite");
    if (box) box.textContent = "What you typed before is still there.";
  };

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { shouldSwap, xhr, requestConfig } = event.detail;
    if (!shouldSwap) return;
    const sender = requestConfig.elt.closest(FORMS);
    const failed = sender === requestConfig.elt && xhr.status >= 400;
    answered = failed ? key(sender) : null;
    for (const form of document.querySelectorAll(FORMS)) {
      const unsaved = form === sender ? failed : refused.has(form) || controls(form).some(touched);
      if (unsaved) kept.set(key(form), state(form));
      else kept.delete(key(form));
    }
  });

  document.addEventListener("htmx:load", (event) => {
    const part = event.detail.elt;
    for (const form of [...(part.matches(FORMS) ? [part] : []), ...part.querySelectorAll(FORMS)]) {
      const fields = kept.get(key(form));
      if (key(form) === answered) refused.add(form);
      else if (fields) putBack(form, fields);
    }
  });
})();

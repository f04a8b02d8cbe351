// Texts that were not saved in time and have no field any more: it was published meanwhile, its layer was untagged, or
// the right to write is gone. They are offered to copy.
"use strict";
(() => {
  const place = document.querySelector("[data-left-of]");
  if (!place) return;
  const prefix = `seamline:${place.dataset.leftOf}:`;

  const button = (label, act) => {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "btn small" });
    made.textContent = label;
    made.addEventListener("click", act);
    return made;
  };

  const offer = (key, { text, at }) => {
    const when = new Date(at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
    const box = Object.assign(document.createElement("div"), { className: "notice warn offer" });
    const inner = document.createElement("div");
    const shown = Object.assign(document.createElement("textarea"), { className: "editor", readOnly: true, rows: 4 });
    shown.value = text;
    shown.setAttribute("aria-label", `Text of ${when}, not saved`);
    const row = Object.assign(document.createElement("div"), { className: "row" });
    const copy = button("Copy", () => {
      shown.select();
      navigator.clipboard?.writeText(text).catch(() => {});
    });
    const drop = button("Throw it away", () => {
      localStorage.removeItem(key);
      box.remove();
    });
    row.append(copy, drop);
    inner.append(`Your text of ${when} was not saved in time, and has no field here any more. Copy what you need.`);
    inner.append(shown, row);
    box.append(inner);
    place.append(box);
  };

  try {
    for (const key of Object.keys(localStorage)) {
      const name = key.split("|")[0].slice("seamline:".length);
      if (!key.startsWith(prefix) || document.querySelector(`form[data-autosave="${CSS.escape(name)}"]`)) continue;
      const draft = JSON.parse(localStorage.getItem(key));
      if (draft?.text) offer(key, draft);
    }
  } catch {
    // storage may be forbidden: then nothing was kept
  }
})();

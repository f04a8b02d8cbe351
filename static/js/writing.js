// Writing Markdown: a small toolbar with keys, a preview by the server, and what the other files of writing share.
// Everything goes through the browser's own editing, so that undo works.
"use strict";
(() => {
  const seamline = (window.seamline ??= {});

  seamline.announce = (text, region = "live-assertive") => {
    const box = document.getElementById(region);
    if (box) box.textContent = text;
  };

  seamline.notice = (kind, ...words) => {
    const box = Object.assign(document.createElement("div"), { className: `notice ${kind}` });
    const inner = document.createElement("div");
    inner.append(...words);
    box.append(inner);
    return box;
  };

  // Another text into a field: caret, selection and place stay where they are, as far as the text around them stays.
  seamline.put = (field, text) => {
    const old = field.value;
    let [start, end] = [0, 0];
    const shorter = Math.min(old.length, text.length);
    while (start < shorter && old[start] === text[start]) start += 1;
    while (end < shorter - start && old.at(-1 - end) === text.at(-1 - end)) end += 1;
    const top = field.scrollTop;
    field.setRangeText(text.slice(start, text.length - end), start, old.length - end, "preserve");
    field.scrollTop = top;
    field.dispatchEvent(new CustomEvent("seamline:put"));
  };

  // What else a saved text changes, such as the hints on its wording; not under somebody's fingers.
  seamline.freshen = (fresh) => {
    const old = document.getElementById(fresh.id);
    if (!old || old.contains(document.activeElement)) return;
    old.replaceWith(fresh);
    window.htmx?.process(fresh);
  };

  // As if typed in place of start..end. execCommand is old, and the only way that undo knows of.
  const type = (field, text, start, end) => {
    field.focus();
    field.setSelectionRange(start, end);
    if (document.execCommand(text ? "insertText" : "delete", false, text)) return;
    field.setRangeText(text, start, end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const selected = (field) => [field.selectionStart, field.selectionEnd];

  const around = (mark) => (field) => {
    const [start, end] = selected(field);
    const size = mark.length;
    const text = field.value.slice(start, end);
    const marked = field.value.slice(start - size, start) === mark && field.value.slice(end, end + size) === mark;
    const bold = mark === "*" && field.value[start - 2] === "*" && field.value[end + 1] === "*";
    if (marked && !bold) {
      type(field, text, start - size, end + size);
      field.setSelectionRange(start - size, end - size);
    } else {
      type(field, mark + text + mark, start, end);
      field.setSelectionRange(start + size, end + size);
    }
  };

  const before = (mark, known) => (field) => {
    const [from, to] = selected(field);
    const start = field.value.lastIndexOf("\n", from - 1) + 1;
    const next = field.value.indexOf("\n", Math.max(to, start));
    const end = next < 0 ? field.value.length : next;
    const lines = field.value.slice(start, end).split("\n");
    const all = lines.every((line) => known.test(line));
    const text = lines.map((line) => (all ? line.replace(known, "") : mark + line)).join("\n");
    type(field, text, start, end);
    if (lines.length > 1) field.setSelectionRange(start, start + text.length);
  };

  const link = (field) => {
    const [start, end] = selected(field);
    const text = field.value.slice(start, end);
    const address = /^https?:\/\/\S+$/.test(text);
    type(field, address ? `[](${text})` : `[${text}](https://)`, start, end);
    if (address) field.setSelectionRange(start + 1, start + 1);
    else field.setSelectionRange(start + text.length + 3, start + text.length + 11);
  };

  const fence = (field) => {
    const [start, end] = selected(field);
    const text = field.value.slice(start, end);
    if (!text.includes("\n")) return around("`")(field);
    type(field, `\`\`\`\n${text.replace(/\n$/, "")}\n\`\`\`\n`, start, end);
  };

  const TOOLS = {
    bold: around("**"),
    italic: around("*"),
    heading: before("# ", /^#{1,6} /),
    link,
    list: before("- ", /^[-*] /),
    quote: before("> ", /^> ?/),
    code: fence,
  };
  const KEYS = { b: "bold", i: "italic", k: "link" };

  // One stop for the Tab key; the arrows go from tool to tool.
  const rove = (bar) => {
    const tools = [...bar.querySelectorAll("button")];
    const go = (tool) => {
      tools.forEach((one) => (one.tabIndex = one === tool ? 0 : -1));
      tool.focus();
    };
    tools.forEach((one, number) => (one.tabIndex = number ? -1 : 0));
    bar.addEventListener("keydown", (event) => {
      const at = tools.indexOf(document.activeElement);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tools.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      go(tools.at(to % tools.length));
    });
  };

  const preview = (form, field, button, bar) => {
    let shown = null;
    const close = () => {
      shown?.remove();
      shown = null;
      field.hidden = bar.hidden = false;
      button.textContent = "Preview";
      button.setAttribute("aria-pressed", "false");
    };
    const open = async () => {
      const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
      const asked = { method: "POST", body: new FormData(form), headers };
      const answer = await fetch(button.formAction, asked).catch(() => null);
      const parts = new DOMParser().parseFromString(answer?.status === 200 ? await answer.text() : "", "text/html");
      shown = parts.querySelector("[data-previewed]");
      if (!shown) {
        const said = "The preview cannot be shown now. Your text is still here.";
        form.querySelector("[data-below]").replaceChildren(seamline.notice("warn", said));
        seamline.announce(said);
        return;
      }
      field.after(shown);
      field.hidden = bar.hidden = true;
      button.textContent = "Go on writing";
      button.setAttribute("aria-pressed", "true");
      shown.focus();
    };
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", (event) => {
      event.preventDefault();
      if (!shown) {
        open();
        return;
      }
      close();
      field.focus();
    });
    field.addEventListener("seamline:put", close); // what was previewed is no longer what stands there
  };

  const template = document.getElementById("writing-tools");

  const setUp = (form) => {
    const field = form.elements.text;
    const bar = template.content.firstElementChild.cloneNode(true);
    bar.setAttribute("aria-controls", field.id);
    bar.setAttribute("aria-label", `Formatting of “${form.dataset.heading}”`);
    field.before(bar);
    rove(bar);
    bar.addEventListener("click", (event) => {
      const tool = event.target.closest("[data-tool]");
      if (tool) TOOLS[tool.dataset.tool](field);
    });
    field.addEventListener("keydown", (event) => {
      const tool = KEYS[event.key.toLowerCase()];
      if (!tool || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      TOOLS[tool](field);
    });
    preview(form, field, form.querySelector("[data-preview]"), bar);
  };

  // A layer that is tagged brings fields of its own; those that stood before are kept as they are.
  const known = new WeakSet();
  const begin = (root) => {
    for (const form of root.querySelectorAll("form[data-autosave]")) {
      if (!known.has(form)) setUp(form);
      known.add(form);
    }
  };
  if (!template) return;
  begin(document);
  document.addEventListener("htmx:load", (event) => begin(event.detail.elt));
})();

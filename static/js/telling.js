// Writing on a timeline: pictures pasted or dropped become files of the form, and an @ suggests who is meant.
// Without this the form has its own picker, and names are typed as an e-mail address or a team's slug.
"use strict";
(() => {
  const announce = (text) => {
    const box = document.getElementById("live-polite");
    if (box) box.textContent = text;
  };

  // ---- files that are pasted or dropped join those chosen before ----

  const addFiles = (form, files) => {
    const input = form.querySelector("input[type=file][data-files]");
    if (!input || !files.length) return;
    const all = new DataTransfer();
    for (const file of [...input.files, ...files]) all.items.add(file);
    input.files = all.files;
    input.closest("details")?.setAttribute("open", "");
    announce(`${files.length} attached, ${input.files.length} in all.`);
  };

  const takesFiles = (form) => {
    form.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (!files.length) return;
      event.preventDefault();
      addFiles(form, files);
    });
    form.addEventListener("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      form.classList.add("dropping");
    });
    form.addEventListener("dragleave", () => form.classList.remove("dropping"));
    form.addEventListener("drop", (event) => {
      const files = [...(event.dataTransfer?.files ?? [])];
      form.classList.remove("dropping");
      if (!files.length) return;
      event.preventDefault();
      addFiles(form, files);
    });
  };

  // ---- names after an @: a list below the text, moved through with the arrow keys ----

  const TYPED = /(?:^|[\s(])@([\w.+-]{1,40})$/;
  const WAIT = 150;
  let count = 0;

  const suggests = (area) => {
    const id = `names-${(count += 1)}`;
    const box = Object.assign(document.createElement("div"), { className: "names" });
    const list = Object.assign(document.createElement("ul"), { id, hidden: true });
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "People and teams");
    area.before(box);
    box.append(area, list);
    area.setAttribute("aria-autocomplete", "list");
    let timer = 0;
    let asked = 0;
    let chosen = -1;

    const options = () => [...list.children];
    const close = () => {
      asked += 1; // an answer on its way is too late
      list.hidden = true;
      list.replaceChildren();
      chosen = -1;
      area.removeAttribute("aria-activedescendant");
      area.removeAttribute("aria-controls");
    };
    const choose = (index) => {
      const all = options();
      chosen = (index + all.length) % all.length;
      all.forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
      area.setAttribute("aria-activedescendant", all[chosen].id);
    };
    const typed = () => area.value.slice(0, area.selectionStart).match(TYPED)?.[1];
    const take = (handle) => {
      const end = area.selectionStart;
      area.setRangeText(`@${handle} `, end - typed().length - 1, end, "end");
      close();
      area.focus();
    };
    const show = (found) => {
      list.replaceChildren(
        ...found.map(({ handle, name }, index) => {
          const option = Object.assign(document.createElement("li"), { id: `${id}-${index}` });
          option.textContent = `${name} · ${handle}`;
          option.dataset.handle = handle;
          option.setAttribute("role", "option");
          option.addEventListener("mousedown", (event) => {
            event.preventDefault(); // the text keeps the focus
            take(handle);
          });
          return option;
        }),
      );
      list.hidden = false;
      area.setAttribute("aria-controls", id);
      choose(0);
      announce(`${found.length} ${found.length === 1 ? "name" : "names"}. Arrow keys choose, Enter takes.`);
    };
    const look = async () => {
      const begun = typed();
      if (!begun) return close();
      const mine = (asked += 1);
      const answer = await fetch(`/incidents/names/?begins=${encodeURIComponent(begun)}`).catch(() => null);
      if (!answer?.ok || mine !== asked) return undefined;
      const { names } = await answer.json();
      if (mine !== asked) return undefined;
      return names.length ? show(names) : close();
    };

    area.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(look, WAIT);
    });
    area.addEventListener("keydown", (event) => {
      if (list.hidden || event.isComposing) return;
      if (event.key === "ArrowDown") choose(chosen + 1);
      else if (event.key === "ArrowUp") choose(chosen - 1);
      else if (event.key === "Enter" || event.key === "Tab") take(options()[chosen].dataset.handle);
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    area.addEventListener("blur", close);
  };

  const wired = new WeakSet();
  const setUp = (scope) => {
    for (const form of scope.querySelectorAll("form[data-telling]")) {
      if (wired.has(form)) continue;
      wired.add(form);
      takesFiles(form);
      form.querySelectorAll("textarea[data-mentions]").forEach(suggests);
    }
  };
  setUp(document);
  document.addEventListener("htmx:load", (event) => setUp(event.detail.elt.parentElement ?? document));
})();

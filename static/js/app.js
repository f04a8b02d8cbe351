// Small behaviours, each keyed by a data attribute. Nothing here is needed to use a page; it only makes it nicer.
"use strict";
(() => {
  const each = (scope, selector, act) => {
    if (scope.matches?.(selector)) act(scope);
    scope.querySelectorAll(selector).forEach(act);
  };

  // Wire an element once for each behaviour, however often htmx hands it to us.
  const wired = new WeakMap();
  const once = (element, what, act) => {
    const done = wired.get(element) ?? new Set();
    if (done.has(what)) return;
    wired.set(element, done.add(what));
    act();
  };

  const announce = (text, region = "live-polite") => {
    const box = document.getElementById(region);
    if (box) box.textContent = text;
  };

  // ---- the viewer's time zone, so that the server shows their times ----

  const tellTimeZone = () => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const told = document.cookie.split("; ").includes(`tz=${zone}`);
    if (!zone || told) return;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `tz=${zone}; path=/; max-age=31536000; SameSite=Lax${secure}`;
  };

  // ---- the colour switch ----

  const themeSwitch = (input) => {
    const root = document.documentElement;
    input.checked = input.value === (root.dataset.theme ?? "system");
    once(input, "theme", () =>
      input.addEventListener("change", () => {
        if (input.value === "system") delete root.dataset.theme;
        else root.dataset.theme = input.value;
        try {
          localStorage.setItem("theme", input.value);
        } catch {
          // storage may be forbidden: the choice then lasts for this page
        }
        document.dispatchEvent(new CustomEvent("seamline:theme"));
      }),
    );
  };

  // ---- something to copy: the button exists only where it can work ----

  const copyBox = (box) =>
    once(box, "copy", () => {
      if (!navigator.clipboard) return;
      const button = Object.assign(document.createElement("button"), {
        type: "button",
        className: "btn small",
        textContent: "Copy",
      });
      button.addEventListener("click", async () => {
        const source = box.querySelector("pre, code, input");
        await navigator.clipboard.writeText((source.value ?? source.textContent).trim());
        button.textContent = "Copied";
        announce("Copied");
        setTimeout(() => (button.textContent = "Copy"), 2000);
      });
      box.append(button);
    });

  // What scrolls sideways can be reached by keyboard.
  const scrollers = (scope) =>
    each(scope, ".copy > pre, .prose pre, .scroll-x", (box) => {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    });

  // ---- "6 min" stays true while the page is open; the words are those of web/wording.py ----

  const age = (seconds) => {
    if (seconds <= -60) return `in ${age(-seconds)}`;
    if (seconds < 60) return "under 1 min";
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
    if (seconds < 86400) {
      const minutes = String(Math.floor((seconds % 3600) / 60)).padStart(2, "0");
      return `${Math.floor(seconds / 3600)} h ${minutes}`;
    }
    return `${Math.floor(seconds / 86400)} d`;
  };

  const freshen = () =>
    each(document, "time[data-since]", (time) => {
      const words = age((Date.now() - Date.parse(time.dateTime)) / 1000);
      if (time.textContent !== words) time.textContent = words;
    });

  // ---- forms ----

  const autosubmit = (control) =>
    once(control, "autosubmit", () => control.addEventListener("change", () => control.form.requestSubmit()));

  // data-shows="field:value value": shown while the field of the same form has one of the values. Hidden inputs are
  // switched off, so that they neither block nor send anything.
  const shownBy = (box) => {
    const form = box.closest("form");
    const [name, values] = box.dataset.shows.split(":");
    const wanted = values.split(" ");
    const update = () => {
      const show = wanted.includes(new FormData(form).get(name) ?? "");
      box.hidden = !show;
      box.querySelectorAll("input, select, textarea").forEach((input) => (input.disabled = !show));
    };
    once(box, "shows", () => form.addEventListener("change", (event) => event.target.name === name && update()));
    update();
  };

  // data-tick-all="Tick all": a heading above a column of boxes gets a box that ticks them all.
  const tickAll = (heading) =>
    once(heading, "tick-all", () => {
      const boxes = () => [...heading.closest("table").querySelectorAll("tbody input[type=checkbox]")];
      if (!boxes().length) return;
      const all = Object.assign(document.createElement("input"), { type: "checkbox" });
      all.setAttribute("aria-label", heading.dataset.tickAll);
      const update = () => {
        const ticked = boxes().filter((box) => box.checked).length;
        all.checked = ticked === boxes().length;
        all.indeterminate = ticked > 0 && !all.checked;
      };
      all.addEventListener("change", () => boxes().forEach((box) => (box.checked = all.checked)));
      heading.closest("table").addEventListener("change", (event) => event.target !== all && update());
      heading.append(all);
      update();
    });

  // ---- the tab of this page is in sight, however narrow the screen ----

  const showTab = (tab) => {
    const row = tab.parentElement;
    const hidden = tab.offsetLeft - row.offsetLeft + tab.offsetWidth - row.clientWidth;
    if (hidden > 0) row.scrollLeft = hidden + 24;
  };

  // ---- keys: data-key="n" clicks a link or button, or goes into a field, unless somebody is typing ----

  const typing = (target) =>
    target.isContentEditable || target.matches?.("textarea, select, input:not([type=checkbox], [type=radio])");

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat || typing(event.target)) return;
    const target = [...document.querySelectorAll("[data-key]")].find(
      (element) => element.dataset.key === event.key && element.checkVisibility(),
    );
    if (!target) return;
    event.preventDefault();
    if (target.matches("input, textarea, select")) target.focus();
    else target.click();
  });

  // ---- what htmx could not do is said out loud, not swallowed ----

  const complain = (text) => {
    const box = document.getElementById("messages");
    if (!box) return;
    const notice = document.createElement("div");
    notice.className = "notice bad";
    notice.textContent = text;
    box.replaceChildren(notice);
    box.scrollIntoView({ block: "nearest" });
    announce(text, "live-assertive");
  };

  // What asks by itself (data-quiet) says on its own that it got no answer; nobody did anything.
  const isQuiet = (event) => event.detail.elt?.matches?.("[data-quiet]");

  document.addEventListener("htmx:sendError", (event) => {
    if (isQuiet(event)) return;
    complain("The server cannot be reached. What you typed is still here: try again in a moment.");
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (isQuiet(event)) return;
    const { status } = event.detail.xhr;
    if (status === 403) complain("You may not do this, or you signed in again in another tab: reload the page.");
    else if (status === 404) complain("This is no longer there. Reload the page to see what is.");
    else if (status === 429) complain("Too many tries. Wait a minute.");
    else complain(`That did not work (error ${status}). What you typed is still here: try again in a moment.`);
  });

  const setUp = (scope) => {
    each(scope, "[data-theme-choice]", themeSwitch);
    each(scope, "[data-copy]", copyBox);
    each(scope, "[data-autosubmit]", autosubmit);
    each(scope, "[data-shows]", shownBy);
    each(scope, "th[data-tick-all]", tickAll);
    each(scope, ".tabs > [aria-current=page]", showTab);
    scrollers(scope);
  };

  tellTimeZone();
  setUp(document);
  setInterval(freshen, 30_000);
  addEventListener("resize", () => scrollers(document));
  document.addEventListener("htmx:load", (event) => setUp(event.detail.elt));
})();

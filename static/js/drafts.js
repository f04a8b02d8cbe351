// What is typed and not saved yet is kept in this browser, for each page that is open: two tabs never overwrite what
// the other one keeps. A page that is gone gives what it left to the others.
"use strict";
(() => {
  const PREFIX = "seamline:";
  const page = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  const seamline = (window.seamline ??= {});

  // Held as long as this page lives: who is given it knows that the page is gone.
  navigator.locks?.request(PREFIX + page, () => new Promise(() => {})).catch(() => {});

  const read = (key) => {
    try {
      const draft = JSON.parse(localStorage.getItem(key));
      return typeof draft?.text === "string" ? draft : null;
    } catch {
      return null;
    }
  };

  const keys = () => {
    try {
      return Object.keys(localStorage);
    } catch {
      return []; // storage may be forbidden
    }
  };

  const drop = (key) => {
    try {
      localStorage.removeItem(key);
    } catch {
      // nothing was kept
    }
  };

  const button = (label, act) => {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "btn small" });
    made.textContent = label;
    made.addEventListener("click", act);
    return made;
  };

  // A box that offers a text back; `chosen(true)` takes it, `chosen(false)` throws it away.
  seamline.offer = (draft, chosen) => {
    const at = new Date(draft.at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
    const box = seamline.notice("warn", `Text of ${at} that was not saved is still in this browser.`);
    const row = Object.assign(document.createElement("div"), { className: "row" });
    const shown = Object.assign(document.createElement("div"), { className: "other-text", textContent: draft.text });
    row.append(button("Put it back", () => chosen(true)), button("Throw it away", () => chosen(false)));
    box.classList.add("offer");
    box.firstChild.append(shown, row);
    return box;
  };

  seamline.draftsOf = (name) => {
    const own = `${PREFIX}${name}|${page}`;
    return {
      // False when the browser keeps nothing: storage is full or forbidden.
      write(draft) {
        try {
          localStorage.setItem(own, JSON.stringify(draft));
          return true;
        } catch {
          return false; // what was kept before stays: most of a text is better than none
        }
      },
      drop: () => drop(own),
      // Calls back for each draft of a page that is gone, at once or when it goes.
      left(found) {
        const waiting = new Set([own]);
        const wait = (key) => {
          if (!key?.startsWith(`${PREFIX}${name}|`) || waiting.has(key)) return;
          waiting.add(key);
          const give = () => {
            const draft = read(key);
            if (draft) found(draft, () => drop(key));
          };
          const lock = PREFIX + key.slice(key.lastIndexOf("|") + 1);
          if (navigator.locks) navigator.locks.request(lock, give).catch(give);
          else give();
        };
        keys().forEach(wait);
        // Another tab began to keep one. Without locks there is no telling when it goes: the next page offers it.
        if (navigator.locks) window.addEventListener("storage", (event) => event.newValue && wait(event.key));
      },
    };
  };
})();

// Autosave for forms with data-autosave="<person>:<postmortem>:<section>". What is typed is kept in this browser at
// once and sent after a short rest. The answer replaces the status line and what stands below the field, never the
// field itself. Without this file the Save button does the same.
"use strict";
(() => {
  const REST = 800;
  const RETRIES = [2000, 5000, 10_000, 30_000];
  const editors = new Set();

  const announce = (text) => {
    const box = document.getElementById("live-assertive");
    if (box) box.textContent = text;
  };

  // Storage may be forbidden or full: then the page asks before it is left.
  const store = {
    read(key) {
      try {
        return JSON.parse(localStorage.getItem(key));
      } catch {
        return null;
      }
    },
    write(key, draft) {
      try {
        localStorage.setItem(key, JSON.stringify(draft));
        return true;
      } catch {
        return false;
      }
    },
    drop(key) {
      try {
        localStorage.removeItem(key);
      } catch {
        // nothing was kept
      }
    },
  };

  const button = (label, act) => {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "btn small" });
    made.textContent = label;
    made.addEventListener("click", act);
    return made;
  };

  class Editor {
    constructor(form) {
      this.form = form;
      this.field = form.elements.text;
      this.key = `seamline:${form.dataset.autosave}`;
      this.saved = this.field.value; // what the server has, as far as we know
      this.unanswered = []; // texts that were sent and may have been saved, for all we know
      this.failures = 0;
      this.timer = 0;
      this.running = null;
      this.stopped = false; // until somebody chooses, or signs in again
      this.safe = true;
      if (this.below.querySelector("[data-conflict]")) [this.saved, this.stopped] = [null, true];
      form.querySelector("[data-save-row]").hidden = true;
      this.field.addEventListener("input", () => this.typed());
      form.addEventListener("submit", (event) => this.submitted(event));
      form.addEventListener("click", (event) => this.chosen(event));
      this.offer();
    }

    get dirty() {
      return this.field.value !== this.saved;
    }

    get revision() {
      return Number(this.form.elements.revision.value);
    }

    set revision(number) {
      this.form.elements.revision.value = number;
    }

    get below() {
      return this.form.querySelector("[data-below]");
    }

    typed() {
      if (!this.dirty) store.drop(this.key);
      else this.safe = store.write(this.key, { text: this.field.value, revision: this.revision, at: Date.now() });
      if (this.stopped) return;
      this.say(this.dirty ? "Not saved yet" : "No changes", "");
      this.later(REST);
    }

    later(wait) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.save(), wait);
    }

    // One request at a time; whatever was typed meanwhile goes with the next.
    async save(extra = {}) {
      clearTimeout(this.timer);
      while (this.running) await this.running;
      if (this.stopped && !extra.keep_over) return false;
      if (!this.dirty && !extra.keep_over) return true;
      this.running = this.send(extra);
      try {
        return await this.running;
      } finally {
        this.running = null;
      }
    }

    async send(extra) {
      const body = new FormData(this.form);
      const text = this.field.value;
      for (const [name, value] of Object.entries(extra)) body.set(name, value);
      let answer;
      try {
        answer = await fetch(this.form.action, {
          method: "POST",
          body,
          headers: {
            "HX-Request": "true",
            "HX-Target": this.form.querySelector("[data-saved]").id,
            "HX-Current-URL": location.href,
          },
          keepalive: text.length < 20_000, // browsers refuse more than 64 kB of it
        });
      } catch {
        this.unanswered.push(text);
        return this.unreachable();
      }
      if (answer.headers.has("HX-Redirect")) return this.signedOut(answer.headers.get("HX-Redirect"));
      if (answer.status >= 500 || answer.status === 429) return this.unreachable();
      return this.answered(answer.status, await answer.text(), text);
    }

    answered(status, html, text) {
      this.failures = 0;
      const parts = new DOMParser().parseFromString(html, "text/html");
      const line = parts.querySelector("[data-saved]");
      const conflict = parts.querySelector("[data-conflict]");
      if (status === 200 && line) return this.kept(text, parts);
      // The answer to our own last save was lost on the way: what stands there is ours.
      const theirs = conflict?.querySelector("[data-theirs]").textContent;
      if (conflict && this.unanswered.some((one) => one.trimEnd() === theirs)) {
        this.revision = conflict.dataset.revision;
        this.unanswered = [];
        this.later(0);
        return false;
      }
      this.stopped = true;
      if (line) this.show(parts);
      else this.refused(status, parts);
      announce(this.below.textContent.trim().replace(/\s+/g, " "));
      return false;
    }

    kept(text, parts) {
      this.saved = text;
      this.unanswered = [];
      this.stopped = false;
      this.show(parts);
      const checklist = parts.getElementById("checklist");
      if (checklist) document.getElementById("checklist")?.replaceWith(checklist);
      if (this.dirty) this.typed();
      else store.drop(this.key);
      return true;
    }

    show(parts) {
      for (const what of ["[data-saved]", "[data-below]"]) {
        this.form.querySelector(what).replaceWith(parts.querySelector(what));
      }
    }

    refused(status, parts) {
      const said = parts.querySelector(".notice")?.textContent.trim();
      this.say("Not saved", "bad");
      const reload = "Your text is kept in this browser: reload the page, and it is offered back.";
      this.tell(status === 403 ? `You signed in again in another tab. ${reload}` : `${said ?? "That did not work."} ${reload}`);
    }

    unreachable() {
      const wait = RETRIES[Math.min(this.failures, RETRIES.length - 1)];
      this.failures += 1;
      this.say("No connection: kept here, sent again soon", "bad");
      if (this.failures === 1) announce("No connection. What you write is kept in this browser and sent again soon.");
      this.later(wait);
      return false;
    }

    signedOut(address) {
      this.stopped = true;
      this.say("Not saved", "bad");
      const link = Object.assign(document.createElement("a"), { href: address, textContent: "Sign in again" });
      this.tell("You are signed out. Your text is kept in this browser and offered back here. ", link);
      announce("You are signed out. Your text is kept in this browser.");
      return false;
    }

    // ---- what the writer sees ----

    say(text, kind) {
      const line = this.form.querySelector("[data-saved]");
      const revision = this.form.elements.revision;
      line.className = `saved ${kind}`;
      line.replaceChildren(revision, text);
    }

    tell(...words) {
      const box = document.createElement("div");
      box.className = "notice warn";
      const inner = document.createElement("div");
      inner.append(...words);
      box.append(inner);
      this.below.replaceChildren(box);
      return inner;
    }

    offer() {
      const draft = store.read(this.key);
      if (!draft || draft.text.trimEnd() === this.field.value.trimEnd()) {
        store.drop(this.key);
        return;
      }
      const at = new Date(draft.at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
      const inner = this.tell(`Text of ${at} that was not saved is still in this browser.`);
      const row = document.createElement("div");
      row.className = "row";
      const shown = document.createElement("div");
      shown.className = "other-text";
      shown.textContent = draft.text;
      row.append(
        button("Put it back", () => {
          this.field.value = draft.text;
          this.revision = draft.revision; // somebody may have saved since: then both texts are shown
          this.below.replaceChildren();
          this.field.focus();
          this.typed();
        }),
        button("Throw it away", () => {
          store.drop(this.key);
          this.below.replaceChildren();
          this.field.focus();
        }),
      );
      inner.closest(".notice").classList.add("offer");
      inner.append(shown, row);
    }

    submitted(event) {
      event.preventDefault();
      if (event.submitter?.dataset.keepMine === undefined) this.save();
    }

    chosen(event) {
      const mine = event.target.closest("[data-keep-mine]");
      const theirs = event.target.closest("[data-take-theirs]");
      if (mine) {
        event.preventDefault();
        this.field.focus();
        this.save({ keep_over: mine.value });
      } else if (theirs) {
        event.preventDefault();
        const conflict = theirs.closest("[data-conflict]");
        this.field.value = this.saved = conflict.querySelector("[data-theirs]").textContent;
        this.revision = conflict.dataset.revision;
        this.stopped = false;
        store.drop(this.key);
        this.below.replaceChildren();
        this.say("Theirs taken", "good");
        this.field.focus();
      }
    }
  }

  const saveAll = async () => (await Promise.all([...editors].map((editor) => editor.save()))).every(Boolean);

  // Publishing and previewing show what is saved: save first, and stay when that fails.
  const afterSaving = (element, event, go) => {
    if (![...editors].some((editor) => editor.dirty || editor.running)) return;
    event.preventDefault();
    saveAll().then((all) => {
      if (all) go();
      else [...editors].find((editor) => editor.dirty)?.field.focus();
    });
  };

  document.addEventListener("submit", (event) => {
    if (event.target.matches("form[data-after-saving]")) {
      afterSaving(event.target, event, () => event.target.submit());
    }
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-after-saving]");
    if (link && !event.ctrlKey && !event.metaKey) afterSaving(link, event, () => location.assign(link.href));
  });

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      saveAll();
    }
  });

  const wakeUp = () => editors.forEach((editor) => editor.failures && !editor.stopped && editor.later(0));
  window.addEventListener("online", wakeUp);
  document.addEventListener("visibilitychange", () => (document.hidden ? saveAll() : wakeUp()));
  window.addEventListener("pagehide", saveAll);
  window.addEventListener("beforeunload", (event) => {
    if ([...editors].some((editor) => editor.dirty && !editor.safe)) event.preventDefault();
  });

  document.querySelectorAll("form[data-autosave]").forEach((form) => editors.add(new Editor(form)));
})();

// Autosave for forms with data-autosave="<person>:<postmortem>:<section>". What is typed is kept in this browser at
// once (drafts.js) and sent after a short rest. The answer replaces the status line and what stands below the field,
// the field itself only where somebody chose another text. Without this file the Save button does the same.
"use strict";
(() => {
  const REST = 800;
  const RETRIES = [2000, 5000, 10_000, 30_000];
  const LOOK_AGAIN = 10_000; // whether somebody signed in again elsewhere
  const editors = new Set();
  const seamline = (window.seamline ??= {});

  const { announce, freshen, notice, put } = seamline;

  class Editor {
    constructor(form) {
      this.form = form;
      this.field = form.elements.text;
      this.person = form.dataset.autosave.split(":")[0];
      this.drafts = seamline.draftsOf(form.dataset.autosave);
      this.saved = "unsaved" in form.dataset ? null : this.field.defaultValue; // typing may begin before this does
      this.unanswered = []; // texts that were sent and may have been saved, for all we know
      this.failures = 0;
      this.timer = 0;
      this.running = null;
      this.stopped = "unsaved" in form.dataset; // until somebody chooses, or signs in again
      this.safe = true;
      this.composing = false;
      this.returning = false; // with a fresh token
      form.querySelector("[data-save-row]").hidden = true;
      this.field.addEventListener("input", () => this.typed());
      this.field.addEventListener("compositionstart", () => (this.composing = true));
      this.field.addEventListener("compositionend", () => (this.composing = false));
      form.addEventListener("submit", (event) => this.submitted(event));
      form.addEventListener("click", (event) => this.chosen(event));
      form.addEventListener("seamline:newer", (event) => this.newer(event.detail));
      this.drafts.left((draft, drop) => this.offer(draft, drop));
      if (this.dirty && !this.stopped) this.typed();
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

    keep() {
      const { dirty, revision } = this;
      if (dirty) this.safe = this.drafts.write({ text: this.field.value, revision, at: Date.now() });
      else this.drafts.drop();
    }

    typed() {
      this.keep();
      if (this.stopped) return;
      const unkept = this.safe ? "" : ", and this browser keeps no copy";
      this.say(this.dirty ? `Not saved yet${unkept}` : "No changes", this.safe ? "" : "bad");
      this.later(REST);
    }

    later(wait) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.save(), wait);
    }

    // One request at a time; whatever was typed meanwhile goes with the next. `choice` answers a conflict.
    async save(choice = null) {
      clearTimeout(this.timer);
      while (this.running) await this.running;
      if (!choice && (this.stopped || !this.dirty)) return !this.dirty;
      this.field.readOnly = Boolean(choice?.merge_over); // its answer brings another text
      this.running = this.send(choice ?? {});
      try {
        return await this.running;
      } finally {
        this.running = null;
        this.field.readOnly = false;
      }
    }

    async send(choice) {
      const body = new FormData(this.form);
      const text = this.field.value;
      for (const [name, value] of Object.entries(choice)) body.set(name, value);
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
        return this.unreachable("No connection");
      }
      if (answer.headers.has("HX-Redirect")) return this.signedOut(answer.headers.get("HX-Redirect"));
      if (answer.status >= 500 || answer.status === 429) return this.unreachable("The server cannot save now");
      if (answer.status === 403 && !this.returning) return this.comeBack();
      return this.answered(answer.status, await answer.text(), text);
    }

    answered(status, html, text) {
      this.failures = 0;
      this.returning = false;
      const parts = new DOMParser().parseFromString(html, "text/html");
      const line = parts.querySelector("[data-saved]");
      const conflict = parts.querySelector("[data-conflict]");
      const another = parts.querySelector("[data-text]");
      if (status === 200 && line) return this.kept(text, parts, another);
      // The answer to our own last save was lost on the way: what stands there is ours.
      const theirs = conflict?.querySelector("[data-theirs]").value;
      if (conflict && this.unanswered.some((one) => one.trimEnd() === theirs)) {
        this.revision = conflict.dataset.revision;
        this.unanswered = [];
        this.later(0);
        return false;
      }
      this.stopped = true;
      if (line) this.show(parts);
      else this.refused(parts.querySelector(".notice")?.textContent.trim() ?? "That did not work.");
      if (another) put(this.field, another.value);
      this.keep();
      const said = this.below.querySelector("[role=alert]") ?? this.below;
      announce(said.textContent.trim().replace(/\s+/g, " "));
      return false;
    }

    kept(text, parts, another) {
      if (another) put(this.field, another.value);
      this.saved = another ? this.field.value : text;
      this.unanswered = [];
      this.stopped = false;
      this.show(parts);
      if (another) this.field.focus();
      parts.querySelectorAll("#checklist, [data-fresh]").forEach(freshen);
      if (this.dirty) this.typed();
      else this.drafts.drop();
      return true;
    }

    show(parts) {
      for (const what of ["[data-saved]", "[data-below]"]) {
        this.form.querySelector(what).replaceWith(parts.querySelector(what));
      }
    }

    refused(said) {
      this.say("Not saved", "bad");
      this.tell(`${said} Your text is kept in this browser: reload the page, and it is offered.`);
    }

    unreachable(what) {
      const wait = RETRIES[Math.min(this.failures, RETRIES.length - 1)];
      this.failures += 1;
      const kept = this.safe ? "kept here" : "keep this page open";
      this.say(`${what}: ${kept}, sent again soon`, "bad");
      if (this.failures === 1) announce(`${what}. What you write is ${kept}, and sent again soon.`);
      this.later(wait);
      return false;
    }

    // ---- signed out, and back ----

    signedOut(address) {
      this.stopped = "signed out";
      this.say("Not saved", "bad");
      const link = Object.assign(document.createElement("a"), { href: address, textContent: "Sign in again" });
      const ways = "Sign in here and it is offered back, or in another tab and it is saved from here.";
      this.tell(`You are signed out. Your text is kept in this browser. ${ways} `, link);
      announce("You are signed out. Your text is kept in this browser.");
      this.lookAgain();
      return false;
    }

    lookAgain() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.comeBack(), LOOK_AGAIN);
    }

    // After a sign-in elsewhere the page has an old token: it takes the new one and saves.
    async comeBack() {
      const address = document.getElementById("here")?.dataset.url;
      const found = address ? await seamline.returned(address, this.person) : "refused";
      if (found === "back") {
        this.stopped = false;
        this.returning = true; // should it be refused once more, that was not it
        this.below.replaceChildren();
        this.later(0);
      } else if (found === "out" && this.stopped !== "signed out") {
        this.signedOut(seamline.signIn);
      } else if (this.stopped === "signed out" && ["out", "unreachable"].includes(found)) {
        this.lookAgain();
      } else if (found === "unreachable") {
        this.unreachable("No connection");
      } else {
        this.stopped = true;
        const other = found === "somebody else";
        this.refused(other ? "Somebody else is signed in now." : "You may not write here any more.");
      }
      return false;
    }

    // ---- what somebody else saved, told by presence.js ----

    newer(told) {
      if (this.running || this.composing) {
        told.later = true;
        return;
      }
      const revision = Number(told.parts.querySelector("[name=revision]").value);
      if (revision <= this.revision) return;
      if (this.dirty || this.stopped) {
        const what = "Both texts are compared when yours is saved: nothing is lost.";
        if (!this.stopped) this.tell(`${told.by} meanwhile. ${what}`);
        return;
      }
      put(this.field, told.parts.querySelector("[data-text]").value);
      this.saved = this.field.value;
      this.form.querySelector("[data-saved]").replaceWith(told.parts.querySelector("[data-saved]"));
      this.tell(`${told.by}; shown now.`);
      announce(`${told.by}; shown now.`, "live-polite");
    }

    // ---- what the writer sees ----

    say(text, kind) {
      const line = this.form.querySelector("[data-saved]");
      const revision = this.form.elements.revision;
      line.className = `saved ${kind}`;
      line.replaceChildren(revision, text);
    }

    tell(text, link = "") {
      this.below.replaceChildren(notice("warn", text, link));
    }

    offer(draft, drop) {
      if (draft.text.trimEnd() === this.field.value.trimEnd()) {
        drop();
        return;
      }
      const box = seamline.offer(draft, (back) => {
        drop();
        box.remove();
        if (back) {
          this.field.value = draft.text;
          this.revision = draft.revision; // somebody may have saved since: then both texts are shown
          this.typed();
        }
        this.field.focus();
      });
      this.form.querySelector("[data-offers]").append(box);
    }

    submitted(event) {
      const choice = event.submitter?.dataset ?? {};
      if ("preview" in choice) return;
      event.preventDefault();
      if ("saveMerged" in choice) this.save({ merge_over: event.submitter.value });
      else if (!("keepMine" in choice)) this.save();
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
        put(this.field, conflict.querySelector("[data-theirs]").value);
        this.saved = this.field.value;
        this.revision = conflict.dataset.revision;
        this.stopped = false;
        this.drafts.drop();
        this.below.replaceChildren();
        this.say("Theirs taken", "good");
        this.field.focus();
      }
    }
  }

  const saveAll = async () => (await Promise.all([...editors].map((editor) => editor.save()))).every(Boolean);

  // What publishing, previewing and "not established" build on is what was typed: save first, stay when that fails.
  const afterSaving = (element, event, go) => {
    if (![...editors].some((editor) => editor.dirty || editor.running)) return;
    event.preventDefault();
    event.stopPropagation();
    saveAll().then((all) => {
      if (all) go();
      else [...editors].find((editor) => editor.dirty)?.field.focus();
    });
  };

  const onSubmit = (event, form = event.target) => {
    if (form.matches("form[data-after-saving]")) afterSaving(form, event, () => form.requestSubmit(event.submitter));
  };
  document.addEventListener("submit", onSubmit, true); // on the way down: htmx hears of it once all is saved

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

  const wakeUp = () => {
    for (const editor of editors) {
      if (editor.stopped === "signed out") editor.comeBack();
      else if (editor.failures && !editor.stopped) editor.later(0);
    }
  };
  window.addEventListener("online", wakeUp);
  window.addEventListener("focus", wakeUp);
  document.addEventListener("visibilitychange", () => (document.hidden ? saveAll() : wakeUp()));
  window.addEventListener("pagehide", saveAll);
  window.addEventListener("beforeunload", (event) => {
    if ([...editors].some((editor) => editor.dirty && !editor.safe)) event.preventDefault();
  });

  // A layer that is tagged brings fields of its own; those that stood before are kept as they are.
  const begin = (root) => {
    const known = new Set([...editors].map((editor) => editor.form));
    root.querySelectorAll("form[data-autosave]").forEach((form) => known.has(form) || editors.add(new Editor(form)));
  };
  begin(document);
  document.addEventListener("htmx:load", (event) => begin(event.detail.elt));
})();

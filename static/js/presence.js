// One small request about every ten seconds while the page is in sight: says who is here and where they write, learns
// who else is, and which sections somebody saved since. Autosave puts newer texts in their place.
"use strict";
(() => {
  const EVERY = 10_000;
  const SOON = 400;
  const box = document.getElementById("here");
  if (!box) return;
  const written = () => [...document.querySelectorAll("form[data-section]")]; // layers bring and take some
  let tag = "";
  let timer = 0;
  let asking = false;

  const writingIn = () => document.activeElement?.closest?.("form[data-section]")?.dataset.section ?? "";

  const question = () => {
    const [body, forms] = [new FormData(), written()];
    body.set("csrfmiddlewaretoken", forms[0]?.elements.csrfmiddlewaretoken.value ?? "");
    body.set("section", writingIn());
    body.set("known", forms.map((form) => `${form.dataset.section}:${form.elements.revision.value}`).join(" "));
    body.set("tag", tag);
    return { method: "POST", body, headers: { "HX-Request": "true", "HX-Current-URL": location.href } };
  };

  const told = (parts) => {
    const here = parts.querySelector("[data-here]");
    if (!here) return;
    tag = here.dataset.tag;
    if (box.textContent.trim() !== here.textContent.trim()) box.replaceChildren(...here.childNodes);
    for (const form of written()) {
      const key = CSS.escape(form.dataset.section);
      const writes = parts.querySelector(`[data-writes="${key}"]`)?.textContent ?? "";
      const writers = form.querySelector("[data-writers]");
      if (writers.textContent !== writes) writers.textContent = writes;
      const newer = parts.querySelector(`[data-newer="${key}"]`);
      if (!newer) continue;
      const detail = { parts: newer, by: newer.dataset.by, later: false };
      form.dispatchEvent(new CustomEvent("seamline:newer", { detail }));
      if (detail.later) tag = ""; // not taken yet: to be told once more
    }
  };

  // False when there is nothing more to ask: published meanwhile, or no longer ours to write in.
  const ask = async () => {
    let answer;
    try {
      answer = await fetch(box.dataset.url, question());
    } catch {
      return true;
    }
    if (answer.headers.has("HX-Redirect") || answer.status === 403) return true; // autosave says so, and comes back
    if (answer.status === 200) told(new DOMParser().parseFromString(await answer.text(), "text/html"));
    return answer.status < 400 || answer.status >= 500 || answer.status === 429;
  };

  const next = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      if (asking || document.hidden) return;
      asking = true;
      const more = await ask().finally(() => (asking = false));
      if (more) next(EVERY);
    }, wait);
  };

  document.addEventListener("visibilitychange", () => !document.hidden && next(SOON));
  document.addEventListener("focusin", (event) => event.target.closest("form[data-section]") && next(SOON));
  next(SOON);
})();

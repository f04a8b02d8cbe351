// After htmx has swapped a part that somebody asked for, keyboard focus goes where the change is.
"use strict";
(() => {
  const ASKED = "[data-focus-target], [autofocus]";
  const NEXT_BEST = [".notice", "h1, h2, h3"];

  // A region is busy while its answer is on the way, unless it asked by itself.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!event.detail.elt.matches("[data-quiet]")) event.detail.target?.setAttribute("aria-busy", "true");
  });
  document.addEventListener("htmx:afterRequest", (event) => event.detail.target?.removeAttribute("aria-busy"));

  const lost = () => !document.activeElement || document.activeElement === document.body;

  const take = (element) => {
    if (!element.matches("a[href], button, input, select, textarea, summary, [tabindex]")) {
      element.setAttribute("tabindex", "-1");
    }
    element.focus();
  };

  const within = (part, selector) => (part.matches(selector) ? part : part.querySelector(selector));

  // Pollers, autosave and searching-while-typing never move focus: only a click or a sent form does.
  // htmx itself gives focus back to an element with the same id; the rest is for when that did not happen.
  document.addEventListener("htmx:afterSettle", (event) => {
    const part = event.detail.elt;
    const cause = event.detail.requestConfig?.triggeringEvent?.type;
    if (!part?.isConnected || !part.matches || (cause !== "click" && cause !== "submit")) return;
    const asked = within(part, ASKED);
    if (asked) take(asked);
    else if (lost()) take(NEXT_BEST.map((selector) => within(part, selector)).find(Boolean) ?? part);
  });
})();

// The box in the header: what was found so far stands below it. Arrows go through it, Escape leaves.
// Without this file the box is a form that leads to the search page.
"use strict";
(() => {
  const form = document.querySelector("[data-search]");
  if (!form) return;
  const input = form.querySelector("input");
  const found = () => document.getElementById("suggestions");
  const links = () => [...found().querySelectorAll("a")];
  let cameFrom = null;

  const close = () => {
    window.htmx?.trigger(form, "htmx:abort");
    const box = found();
    box.replaceChildren();
    box.removeAttribute("class");
  };

  const leave = () => {
    close();
    if (cameFrom?.isConnected) cameFrom.focus();
    else document.activeElement?.blur();
  };

  input.addEventListener("focus", (event) => {
    if (!form.contains(event.relatedTarget)) {
      cameFrom = event.relatedTarget;
      input.select();
    }
  });

  form.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      leave();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const places = [input, ...links()];
    if (!step || places.length < 2) return;
    event.preventDefault();
    const next = places.indexOf(document.activeElement) + step;
    places[(next + places.length) % places.length].focus();
  });

  // Whoever goes elsewhere is done with it.
  form.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !form.contains(event.relatedTarget)) close();
  });
  document.addEventListener("pointerdown", (event) => {
    if (!form.contains(event.target)) close();
  });

  document.addEventListener("htmx:afterSwap", () => {
    const said = found()?.dataset.said;
    const region = document.getElementById("live-polite");
    if (said && region && form.contains(document.activeElement)) region.textContent = said;
  });
})();

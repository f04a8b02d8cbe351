// Adding a service: the names that parts will have, shown while they are typed. The form works the same without it.
"use strict";
(() => {
  const form = document.querySelector("[data-registering]");
  if (!form) return;
  const known = new Set([...document.querySelectorAll("#components option")].map((one) => one.value.toLowerCase()));
  const tidy = (text) => text.trim().replace(/\s+/g, " ");
  const service = form.elements.name;
  const example = form.querySelector("[data-own-example]");

  // An empty name becomes the service's name and the part's usual one.
  const suggest = () => {
    const said = tidy(service.value) || "…";
    form.querySelectorAll("[data-own-name]").forEach((input) => {
      input.placeholder = `${said} · ${input.dataset.ownName}`;
    });
    if (example && tidy(service.value)) example.textContent = `“${said} · part”`;
  };

  // A name that somebody typed: it may join what exists, and the seams speak of it.
  const follow = (input) => {
    const name = tidy(input.value);
    const joins = input.closest(".named")?.querySelector("[data-joins]");
    if (joins) joins.hidden = !known.has(name.toLowerCase());
    form.querySelectorAll(`[data-name-of="${input.name}"]`).forEach((place) => {
      place.textContent = name || input.dataset.ownName;
    });
  };

  form.addEventListener("input", ({ target }) => {
    if (target === service) suggest();
    else if (target.name.startsWith("part_")) follow(target);
  });
  suggest();
  form.querySelectorAll("input[name^=part_]").forEach((input) => input.value && follow(input));
})();

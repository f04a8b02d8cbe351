// Texts that were not saved stay in this browser for a while only: two weeks for whoever is signed in, a day for others.
// Who signs out with such texts is asked first: they go with the person.
"use strict";
(() => {
  const DAY = 24 * 3600 * 1000;
  const MOST = { own: 14 * DAY, others: DAY };
  const forms = document.querySelectorAll("form[data-signing-out]");
  if (!forms.length) return;
  const own = `seamline:${forms[0].dataset.signingOut}:`;

  const keys = () => {
    try {
      return Object.keys(localStorage).filter((key) => /^seamline:\d+:/.test(key));
    } catch {
      return []; // storage may be forbidden
    }
  };

  const age = (key) => {
    try {
      return Date.now() - (JSON.parse(localStorage.getItem(key)).at ?? 0);
    } catch {
      return Infinity;
    }
  };

  for (const key of keys()) {
    if (age(key) > (key.startsWith(own) ? MOST.own : MOST.others)) localStorage.removeItem(key);
  }

  const leave = (event) => {
    const left = keys().filter((key) => key.startsWith(own));
    const texts = left.length === 1 ? "One text of yours is" : `${left.length} texts of yours are`;
    const asked = `${texts} not saved, only kept in this browser. Sign out and throw that away?`;
    if (left.length && !confirm(asked)) event.preventDefault();
    else left.forEach((key) => localStorage.removeItem(key));
  };
  forms.forEach((form) => form.addEventListener("submit", leave));
})();

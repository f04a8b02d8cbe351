// Runs in the head before anything is painted: says that scripts work and puts the chosen colours on <html>.
// The switch itself (ui/theme.html) is wired in app.js.
"use strict";
(() => {
  const root = document.documentElement;
  root.dataset.js = "";
  let chosen = null;
  try {
    chosen = localStorage.getItem("theme");
  } catch {
    // storage may be forbidden: then the system decides
  }
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
})();

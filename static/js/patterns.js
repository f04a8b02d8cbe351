// The patterns pages: an address to share, addresses without empty filters, tables open on paper.
"use strict";
(() => {
  document.addEventListener("click", async (event) => {
    const share = event.target.closest("[data-copy-address]");
    if (!share || !navigator.clipboard || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const words = share.textContent;
    try {
      await navigator.clipboard.writeText(share.href);
    } catch {
      location.assign(share.href); // then the address is in the browser's own bar
      return;
    }
    share.textContent = "Address copied";
    share.setAttribute("role", "status");
    setTimeout(() => {
      share.textContent = words;
      share.removeAttribute("role");
    }, 2000);
  });

  // Fields that say nothing stay out of the address; they come back when the reader does.
  document.querySelectorAll("form[data-short-address]").forEach((form) => {
    const fields = () => [...form.querySelectorAll("select, input")];
    form.addEventListener("submit", () =>
      fields()
        .filter((field) => !field.value)
        .forEach((field) => (field.disabled = true)),
    );
    addEventListener("pageshow", () => fields().forEach((field) => (field.disabled = false)));
  });

  // A table that goes on to the right says so.
  const tellWide = () =>
    document.querySelectorAll(".sideways").forEach((hint) => {
      const box = hint.previousElementSibling;
      hint.hidden = box.scrollWidth <= box.clientWidth;
    });
  tellWide();
  addEventListener("resize", tellWide);

  const opened = new Set();
  addEventListener("beforeprint", () =>
    document.querySelectorAll("details.rows:not([open])").forEach((rows) => {
      rows.open = true;
      opened.add(rows);
    }),
  );
  addEventListener("afterprint", () => {
    opened.forEach((rows) => (rows.open = false));
    opened.clear();
  });
  document.addEventListener("toggle", tellWide, true);
})();

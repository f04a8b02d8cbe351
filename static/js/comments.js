// Comments on a postmortem: words that are selected in a text when its comments are unfolded are what the comment is
// about. Without this they are copied by hand.
"use strict";
(() => {
  const LONGEST = 300;

  const selected = (place) => {
    const area = place?.querySelector("textarea.editor");
    const own = area ? area.value.slice(area.selectionStart, area.selectionEnd) : "";
    const shown = document.getSelection();
    const words = own || (place?.contains(shown?.anchorNode) ? shown.toString() : "");
    return words.trim().replace(/\s+/g, " ").slice(0, LONGEST);
  };

  document.addEventListener(
    "toggle",
    (event) => {
      const talk = event.target;
      if (!talk.matches?.("details.comments") || !talk.open) return;
      const field = talk.querySelector("input[name=quote]");
      if (field && !field.value) field.value = selected(document.getElementById(talk.id.slice("comments-".length)));
    },
    true,
  );
})();

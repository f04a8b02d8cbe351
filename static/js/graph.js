// While a box of a drawing is pointed at or focused, its own lines stand out. Nothing here is needed to read it.
"use strict";
(() => {
  const light = (graph, node) => {
    graph.classList.toggle("asking", node !== null);
    graph.querySelectorAll("[data-ends]").forEach((line) => {
      line.classList.toggle("lit", node !== null && line.dataset.ends.split(" ").includes(node));
    });
  };

  // A drawing wider than its room begins at what stands on top, not at its left edge.
  const begin = (graph) => {
    const room = graph.parentElement;
    const first = graph.querySelector("[data-node] rect");
    if (!first || room.scrollWidth <= room.clientWidth) return;
    const box = first.getBoundingClientRect();
    room.scrollLeft = box.left + box.width / 2 - room.getBoundingClientRect().left - room.clientWidth / 2;
  };

  const wire = (graph) => {
    begin(graph);
    const asked = (event) => event.target.closest("[data-node]")?.dataset.node ?? null;
    graph.addEventListener("pointerover", (event) => light(graph, asked(event)));
    graph.addEventListener("pointerleave", () => light(graph, null));
    graph.addEventListener("focusin", (event) => light(graph, asked(event)));
    graph.addEventListener("focusout", () => light(graph, null));
  };

  document.querySelectorAll("svg.graph").forEach(wire);
})();

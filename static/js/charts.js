// Draws the figures of a page: <div data-chart="id"> takes the Plotly JSON of <script type="application/json" id="id">.
// A figure names colours as "var(--latency)", or "var(--latency) 40%" for a shade that lets others through; here they
// become the colours of the theme the reader has chosen.
"use strict";
(() => {
  const drawn = new Set();
  const PAPER_WIDTH = 660; // pixels, within the margins of an upright A4 or Letter
  let paper = false;

  // A custom property may hold light-dark(…): only a computed colour is one that Plotly understands.
  const palette = () => {
    const probe = document.createElement("i");
    probe.hidden = true;
    document.body.append(probe);
    const known = new Map();
    const colour = (name) => {
      if (!known.has(name)) {
        probe.style.color = `var(${name})`;
        known.set(name, getComputedStyle(probe).color);
      }
      return known.get(name);
    };
    return { colour, done: () => probe.remove() };
  };

  const resolve = (value, colour) => {
    if (typeof value === "string") {
      const named = /^var\((--[\w-]+)\)(?: (\d+)%)?$/.exec(value);
      if (!named) return value;
      const full = colour(named[1]);
      return named[2] ? full.replace(/^rgb\((.*)\)$/, `rgba($1, ${named[2] / 100})`) : full;
    }
    if (Array.isArray(value)) return value.map((item) => resolve(item, colour));
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, colour)]));
    }
    return value;
  };

  const merge = (under, over) => {
    const merged = { ...under };
    for (const [key, value] of Object.entries(over ?? {})) {
      const both = value && typeof value === "object" && !Array.isArray(value) && merged[key];
      merged[key] = both ? merge(merged[key], value) : value;
    }
    return merged;
  };

  const houseLayout = (given, colour) => {
    const axis = {
      automargin: true,
      fixedrange: true,
      gridcolor: colour("--line"),
      linecolor: colour("--line-strong"),
      tickcolor: colour("--line-strong"),
      zerolinecolor: colour("--line-strong"),
      tickfont: { color: colour("--soft"), size: 12 },
      title: { font: { color: colour("--soft"), size: 12 } },
    };
    const house = {
      paper_bgcolor: colour("--card"), // not transparent: Plotly derives other colours from it
      plot_bgcolor: colour("--card"),
      font: { family: getComputedStyle(document.body).fontFamily, size: 12.5, color: colour("--ink") },
      margin: { l: 8, r: 8, t: 8, b: 8 },
      bargap: 0.32,
      barcornerradius: 3,
      dragmode: false,
      hoverlabel: {
        bgcolor: colour("--card"),
        bordercolor: colour("--line-strong"),
        font: { color: colour("--ink"), size: 12.5 },
      },
      legend: {
        orientation: "h",
        x: 0,
        xanchor: "left",
        y: 1.02,
        yanchor: "bottom",
        font: { color: colour("--soft") },
        itemclick: false,
        itemdoubleclick: false,
      },
      xaxis: { ...axis, showgrid: false },
      yaxis: axis,
    };
    for (const key of Object.keys(given)) if (/^[xy]axis\d+$/.test(key)) house[key] = axis;
    return merge(house, given);
  };

  // A mark whose customdata is an address of ours leads there; the table has the same links for keyboards.
  const leadOn = (box) => {
    const address = (event) => event.points.map((point) => point.customdata).find((to) => /^\/(?!\/)/.test(to));
    box.on("plotly_click", (event) => address(event) && location.assign(address(event)));
    box.on("plotly_hover", (event) => box.classList.toggle("leads-on", Boolean(address(event))));
    box.on("plotly_unhover", () => box.classList.remove("leads-on"));
  };

  // A chart keeps the size of its box: also when a card beside it opens its table.
  const sizes = new ResizeObserver((entries) =>
    entries.forEach(({ target }) => drawn.has(target) && !paper && window.Plotly.Plots.resize(target)),
  );

  const draw = (box) => {
    const source = document.getElementById(box.dataset.chart);
    const fallback = box.querySelector(".plot-fallback");
    if (!source) return;
    if (!window.Plotly) {
      if (fallback) fallback.textContent = "The chart could not be drawn. Its rows are in the table.";
      return;
    }
    const { colour, done } = palette();
    const figure = resolve(JSON.parse(source.textContent), colour);
    const layout = houseLayout(figure.layout ?? {}, colour);
    done();
    if (paper) Object.assign(layout, { width: PAPER_WIDTH, height: box.clientHeight });
    const config = { displayModeBar: false, responsive: true, showTips: false, doubleClick: false };
    const first = !drawn.has(box);
    window.Plotly.react(box, figure.data, layout, config).then(() => {
      box.classList.add("drawn");
      if (!first) return;
      leadOn(box);
      sizes.observe(box);
    });
    drawn.add(box);
  };

  const drawAll = (scope) => {
    if (scope.matches?.("[data-chart]")) draw(scope);
    scope.querySelectorAll("[data-chart]").forEach(draw);
  };

  const redraw = () => drawn.forEach((box) => (box.isConnected ? draw(box) : drawn.delete(box)));

  // Paper is white whatever the screen is, and as wide as it is.
  const { dataset } = document.documentElement;
  let chosen;
  const toPaper = () => {
    if (paper) return;
    paper = true;
    chosen = dataset.theme;
    dataset.theme = "light";
    redraw();
  };
  const toScreen = () => {
    if (!paper) return;
    paper = false;
    if (chosen) dataset.theme = chosen;
    else delete dataset.theme;
    redraw();
  };
  addEventListener("beforeprint", toPaper);
  addEventListener("afterprint", toScreen);
  matchMedia("print").addEventListener("change", ({ matches }) => (matches ? toPaper() : toScreen()));

  drawAll(document);
  document.addEventListener("htmx:load", (event) => event.detail.elt !== document.body && drawAll(event.detail.elt));
  document.addEventListener("htmx:beforeCleanupElement", (event) => {
    sizes.unobserve(event.target);
    if (drawn.delete(event.target)) window.Plotly.purge(event.target);
  });
  document.addEventListener("seamline:theme", redraw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
})();

// The board under the hands: keys, ticks, and what keeps it fresh without getting in anybody's way.
"use strict";
(() => {
  const live = document.getElementById("live");
  if (!live) return;
  const state = document.querySelector("[data-live]");
  const held = document.querySelector("[data-held]");
  const keys = document.getElementById("keys");
  let mayShow = false; // somebody asked to see what waits

  const announce = (text) => (document.getElementById("live-polite").textContent = text);
  const ticked = () => [...live.querySelectorAll("#board-rows input:checked")];
  const bar = () => live.querySelector("[data-bulk]");

  // ---- ticks ----

  const update = () => {
    const form = bar();
    if (!form) return;
    const count = ticked().length;
    form.hidden = count === 0;
    form.querySelector("[data-ticked]").textContent = `${count} ticked:`;
  };

  const untick = () => {
    for (const box of ticked()) box.checked = false;
    live.querySelectorAll("#board-th input").forEach((all) => ((all.checked = false), (all.indeterminate = false)));
    live.querySelectorAll("tr[data-gone]").forEach((row) => row.contains(document.activeElement) || row.remove());
    update();
  };

  live.addEventListener("change", update);
  // ticked by the box above: its own listener comes first, then the count
  live.addEventListener("click", () => setTimeout(update));

  // ---- keeping it fresh ----

  const marking = () => {
    const chosen = getSelection();
    const words = chosen && chosen.type === "Range" && live.contains(chosen.anchorNode);
    return words || ticked().length > 0 || live.querySelector("details[open]:has(:focus)") !== null;
  };

  const isPolling = (event) => event.detail.elt === live;
  let polling = false;

  // Nobody looks: nobody asks. (`htmx:confirm` comes before every request.)
  document.addEventListener("htmx:confirm", (event) => {
    if (isPolling(event) && document.hidden) event.preventDefault();
  });
  document.addEventListener("htmx:configRequest", (event) => {
    if (isPolling(event)) event.detail.parameters.set("seen", live.dataset.version);
    else htmx.trigger(live, "htmx:abort"); // an older answer must not come after what was just done
  });
  document.addEventListener("htmx:beforeSwap", (event) => (polling = event.detail.requestConfig.elt === live));
  document.addEventListener("visibilitychange", () => document.hidden || htmx.trigger(live, "look"));

  live.addEventListener("keep:before", (event) => {
    if (!polling || mayShow || !marking()) return;
    event.preventDefault();
    if (held.hidden) announce("The board has changed. It waits until you are done marking.");
    held.hidden = false;
  });

  const told = new Set();
  const remember = () => live.querySelectorAll("#board-rows > tr").forEach((row) => told.add(row.id));

  live.addEventListener("keep:done", () => {
    held.hidden = true;
    mayShow = false;
    const fresh = [...live.querySelectorAll("#board-rows > tr")].filter((row) => !told.has(row.id));
    const newer = live.querySelector("#newer");
    if (polling && fresh.length) {
      const first = fresh[0].querySelector(".row-link").textContent;
      announce(fresh.length === 1 ? `New: ${first}` : `${fresh.length} new incidents: ${first} and more`);
    } else if (polling && newer && newer.textContent !== newer.dataset.said) announce(newer.textContent.trim());
    remember();
    if (!polling) untick();
    update();
  });

  document.querySelector("[data-show-now]").addEventListener("click", () => {
    mayShow = true;
    htmx.trigger(live, "look");
  });

  const say = (text) => state.textContent !== text && (state.textContent = text);
  const FRESH = "Kept fresh by itself.";
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!isPolling(event)) return;
    const clock = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    say(event.detail.successful ? FRESH : `As of before ${clock}: the server is not reached, trying again.`);
  });

  // ---- keys ----

  const rowNow = () => document.activeElement?.closest?.("#board-rows > tr");

  const move = (step) => {
    const links = [...live.querySelectorAll("#board-rows .row-link")];
    if (!links.length) return;
    const at = links.findIndex((link) => link.closest("tr") === rowNow());
    const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + step, 0), links.length - 1);
    links[next].focus({ preventScroll: true });
    links[next].closest("tr").scrollIntoView({ block: "nearest" });
  };

  const tick = (row) => row?.querySelector("input[name=number]")?.click();

  const acknowledge = () => {
    const button = bar()?.querySelector("[data-acknowledge]");
    if (!button) return;
    if (!ticked().length) tick(rowNow());
    if (ticked().length) button.click();
    else announce("Move to an incident with j, or tick some with x first.");
  };

  const resolve = () => {
    const form = bar();
    if (!form) return;
    const chosen = ticked().map((box) => box.closest("tr"));
    const row = chosen.length ? chosen[0] : rowNow();
    if (chosen.length > 1) form.querySelector("[data-resolve-all]").click();
    else if (row) location.assign(row.dataset.resolve);
    else announce("Move to an incident with j, or tick some with x first.");
  };

  const DO = { j: () => move(1), k: () => move(-1), x: () => tick(rowNow()), a: acknowledge, r: resolve };
  const typing = (target) =>
    target.isContentEditable || target.matches?.("textarea, select, input:not([type=checkbox], [type=radio])");

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    if (document.querySelector("dialog[open]") || !DO[event.key]) return;
    event.preventDefault();
    DO[event.key]();
  });

  document.querySelectorAll("[data-opens]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => keys.open || keys.showModal());
  });

  // ---- an address says only what is chosen ----

  live.addEventListener("formdata", (event) => {
    if (!event.target.matches("[data-brief]")) return;
    for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name);
    if (![...event.formData].length) event.formData.set("state", "open");
  });

  say(FRESH);
  remember();
  update();
})();

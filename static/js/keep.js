// hx-swap="keep": what comes anew is worked into what stands there, so that focus, ticks, choices and the place where
// somebody reads stay as they are. Elements with the same id are the same; `data-keep` is never touched.
"use strict";
(() => {
  const isElement = (node) => node.nodeType === Node.ELEMENT_NODE;
  const has = (node, what) => isElement(node) && (node === what || node.contains(what));
  const inUse = (node) =>
    isElement(node) && (has(node, document.activeElement) || node.querySelector("input:checked") !== null);

  const same = (one, other) => one.nodeName === other.nodeName && (one.id ?? "") === (other.id ?? "");

  const attributes = (old, fresh) => {
    for (const { name, value } of [...fresh.attributes]) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    for (const { name } of [...old.attributes]) {
      // what the reader opened, and what scripts noted for their own use, is not the server's to take away
      if (!fresh.hasAttribute(name) && !["open", "tabindex"].includes(name)) old.removeAttribute(name);
    }
  };

  const morph = (old, fresh, added) => {
    if (!isElement(old)) {
      if (old.data !== fresh.data) old.data = fresh.data;
      return;
    }
    if ("keep" in old.dataset || old.isEqualNode(fresh)) return;
    attributes(old, fresh);
    children(old, fresh, added);
  };

  // An element that holds the focus is never moved, for that would take it away: the others move around it.
  const bring = (parent, match, place) => {
    if (!has(match, document.activeElement)) {
      parent.insertBefore(match, place);
      return;
    }
    while (place !== match) {
      const passed = place;
      place = place.nextSibling;
      parent.append(passed);
    }
  };

  const children = (parent, fresh, added) => {
    const keyed = new Map([...parent.children].filter((child) => child.id).map((child) => [child.id, child]));
    const coming = new Set([...fresh.children].map((child) => child.id).filter(Boolean));
    const stays = (node) => isElement(node) && node.id && !coming.has(node.id) && inUse(node);
    let place = parent.firstChild;
    for (const next of [...fresh.childNodes]) {
      while (place && stays(place)) place = place.nextSibling;
      let match = next.id ? keyed.get(next.id) : null;
      for (let one = place; !next.id && !match && one && !one.id; one = one.nextSibling) if (same(one, next)) match = one;
      if (!match) {
        const made = document.importNode(next, true);
        parent.insertBefore(made, place);
        if (isElement(made)) added.push(made);
        continue;
      }
      if (match !== place) bring(parent, match, place);
      morph(match, next, added);
      place = match.nextSibling;
    }
    while (place) {
      const rest = place;
      place = place.nextSibling;
      if (!stays(rest)) rest.remove();
    }
    // What is no longer among them but in somebody's hands stays until they let go.
    for (const child of parent.children) if (child.id && keyed.has(child.id) && !coming.has(child.id)) child.dataset.gone = "";
  };

  // The row that somebody is on, else the first in sight once they have scrolled, stays where it is on the screen.
  const anchor = (target) => {
    const rows = [...target.querySelectorAll("tbody > tr[id]")];
    const row = rows.find((one) => has(one, document.activeElement));
    const inSight = row ?? (scrollY > 0 ? rows.find((one) => one.getBoundingClientRect().top >= 0) : undefined);
    if (!inSight) return () => {};
    const top = inSight.getBoundingClientRect().top;
    return () => inSight.isConnected && scrollBy({ top: inSight.getBoundingClientRect().top - top, behavior: "instant" });
  };

  htmx.defineExtension("keep", {
    isInlineSwap: (style) => style === "keep",
    handleSwap: (style, target, fragment) => {
      if (style !== "keep") return false;
      const fresh = [...fragment.children].find((one) => one.id === target.id);
      const allowed = target.dispatchEvent(new CustomEvent("keep:before", { bubbles: true, cancelable: true }));
      if (!fresh || !allowed) return [];
      const added = [];
      const hold = anchor(target);
      morph(target, fresh, added);
      hold();
      target.dispatchEvent(new CustomEvent("keep:done", { bubbles: true, detail: { added } }));
      return added;
    },
  });
})();

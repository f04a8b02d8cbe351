// Going on after somebody signed in again, here or in another tab: the page takes the new token, nothing is retyped.
"use strict";
(() => {
  const seamline = (window.seamline ??= {});
  let asking = null;

  const take = (token) => {
    document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((input) => (input.value = token));
    const headers = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
    document.body.setAttribute("hx-headers", JSON.stringify({ ...headers, "x-csrftoken": token }));
  };

  const ask = async (address, person) => {
    let answer;
    try {
      answer = await fetch(address, { headers: { "HX-Request": "true", "HX-Current-URL": location.href } });
    } catch {
      return "unreachable";
    }
    if (answer.headers.has("HX-Redirect")) {
      seamline.signIn = answer.headers.get("HX-Redirect");
      return "out";
    }
    if (answer.status >= 500 || answer.status === 429) return "unreachable";
    if (answer.status !== 200) return "refused";
    const form = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-who]");
    if (form?.dataset.who !== person) return "somebody else";
    take(form.elements.csrfmiddlewaretoken.value);
    return "back";
  };

  // "back" (as `person`, with a fresh token), "out", "somebody else", "refused" or "unreachable"; asked once for all.
  seamline.returned = (address, person) => {
    asking ??= ask(address, person).finally(() => (asking = null));
    return asking;
  };
})();

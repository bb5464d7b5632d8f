/* A sitting: one page lists what has to be done, its procedures are on other pages, and each leads back to the list.
   Kept for this window only, so that two windows with two families do not mix; what is kept is an address and a title, nobody's name. */
(function () {
  "use strict";

  const KEY = "yoriai.sitting";
  const bar = document.getElementById("sitting");
  const { sitting, sittingLabel, sittingDone } = document.body.dataset;
  const end = () => sessionStorage.removeItem(KEY);

  if (!bar || document.body.hasAttribute("data-first-screen")) end();
  if (!bar) return;
  if (sitting) {
    if (sittingDone === "true") end();
    else sessionStorage.setItem(KEY, JSON.stringify({ href: sitting, label: sittingLabel }));
    return;
  }

  const kept = JSON.parse(sessionStorage.getItem(KEY) || "null");
  const place = document.querySelector(".municipality[href]");
  if (!kept || !place || !kept.href.startsWith(new URL(place.href).pathname)) return;
  bar.querySelector("[data-sitting-label]").textContent = `${kept.label}の途中です。`;
  bar.querySelector("a").href = kept.href;
  bar.hidden = false;
  bar.querySelector("[data-end-sitting]").addEventListener("click", () => {
    end();
    bar.hidden = true;
  });
})();

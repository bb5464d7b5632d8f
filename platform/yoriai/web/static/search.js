/* The search box: htmx brings the results while typing; arrows choose, Enter opens, Esc closes. */
(function () {
  "use strict";

  const input = document.querySelector("[data-search-input]");
  if (!input) return;
  const panel = document.getElementById("search-results");
  const options = () => Array.from(panel.querySelectorAll("[role=option]"));
  const active = () => panel.querySelector("[role=option][aria-selected=true]");

  function choose(option) {
    for (const other of options()) other.setAttribute("aria-selected", String(other === option));
    if (!option) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function close() {
    panel.replaceChildren();
    choose(null);
    input.setAttribute("aria-expanded", "false");
  }

  function move(step) {
    const all = options();
    if (!all.length) return;
    const at = all.indexOf(active());
    choose(all[Math.min(Math.max(at + step, 0), all.length - 1)]);
  }

  function open(event) {
    const all = options();
    const chosen = active() || (all.length === 1 && panel.dataset.query === input.value.trim() ? all[0] : null);
    if (!chosen) return;
    event.preventDefault();
    chosen.click();
  }

  input.addEventListener("keydown", (event) => {
    if (window.yoriai.isComposing(event)) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      open(event);
    } else if (event.key === "Escape") {
      if (panel.childElementCount) event.preventDefault();
      close();
    }
  });

  input.addEventListener("input", () => {
    history.replaceState({ ...history.state, query: input.value }, "");
    if (!input.value.trim()) close();
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target !== panel) return;
    if (!input.value.trim()) {
      close();
      return;
    }
    const result = panel.querySelector("[data-announce]");
    panel.dataset.query = result ? result.dataset.query : "";
    input.setAttribute("aria-expanded", String(options().length > 0));
    window.yoriai.announce(result ? result.dataset.announce : "");
  });

  document.addEventListener("click", (event) => {
    const isOverlay = Boolean(panel.closest(".site-header"));
    if (isOverlay && !event.target.closest(".search")) close();
  });

  /* Back from a person: what was typed is still there and is searched anew (nothing personal is kept in storage). */
  const query = (history.state || {}).query;
  if (query && !input.value && !panel.closest(".site-header")) {
    input.value = query;
    window.addEventListener("load", () => input.dispatchEvent(new Event("recall")));
  }
})();

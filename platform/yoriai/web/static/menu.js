/* The menu by number or name: Alt+M, type, Enter. Without this script the menu is only links. */
(function () {
  "use strict";

  const box = document.querySelector("[data-menu-jump]");
  if (!box) return;
  const input = box.querySelector("input");
  const parts = Array.from(document.querySelectorAll("[data-menu-part]"));
  const entries = parts.flatMap((part) => Array.from(part.querySelectorAll("[data-menu-entry]")).map((entry) => ({ part, entry, link: entry.querySelector("a") })));
  const opened = new Map(parts.map((part) => [part, part.open]));
  box.hidden = false;

  const plain = (text) => text.normalize("NFKC").replace(/\s/g, "").toLowerCase();
  const nameOf = ({ part, link }) => plain((part.querySelector("summary, h3").textContent || "") + link.textContent);

  function fits(item, wanted) {
    return /^\d+$/.test(wanted) ? item.link.dataset.menuNo.startsWith(wanted) : nameOf(item).includes(wanted);
  }

  function filter() {
    const wanted = plain(input.value);
    const shown = entries.filter((item) => !wanted || fits(item, wanted));
    for (const item of entries) item.entry.hidden = !shown.includes(item);
    for (const part of parts) {
      part.hidden = !shown.some((item) => item.part === part);
      if (part.matches("details")) part.open = wanted ? true : opened.get(part);
    }
    if (wanted) window.yoriai.announce(`${shown.length}件の業務があります。`);
    return shown;
  }

  function go() {
    const wanted = plain(input.value);
    const shown = filter();
    const exact = shown.find((item) => item.link.dataset.menuNo === wanted);
    if (wanted && shown.length) (exact || shown[0]).link.click();
  }

  input.addEventListener("input", filter);
  input.addEventListener("keydown", (event) => {
    if (window.yoriai.isComposing(event)) return;
    if (event.key === "Enter") go();
    else if (event.key === "ArrowDown") filter()[0]?.link.focus();
    else if (event.key === "Escape") {
      input.value = "";
      filter();
    } else return;
    event.preventDefault();
  });

  document.addEventListener("keydown", (event) => {
    const at = entries.findIndex((item) => item.link === event.target);
    if (at < 0 || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
    const visible = entries.filter((item) => item.link.offsetParent !== null);
    const next = visible[visible.indexOf(entries[at]) + (event.key === "ArrowDown" ? 1 : -1)];
    event.preventDefault();
    (next ? next.link : input).focus();
  });
})();

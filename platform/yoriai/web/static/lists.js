/* Every list sorts, filters and exports: what a table lacks is added here. Small tables and those of forms are left alone. */
(function () {
  "use strict";

  const FEW = 4;
  const tables = Array.from(document.querySelectorAll("table.table"));
  const rowsOf = (table) => Array.from(table.tBodies[0] ? table.tBodies[0].rows : []).filter((row) => !row.querySelector(".table-empty"));

  /** A header that neither the server nor the macro sorts becomes a button; one Tab stop, arrows go on. */
  function makeSortable(table) {
    const heads = Array.from(table.tHead ? table.tHead.rows[0].cells : []);
    if (!table.tHead || table.tHead.rows.length > 1 || table.querySelector("[colspan], [rowspan]")) return;
    // Where the server sorts, a page sorted by itself would mislead.
    if (table.tHead.querySelector("a")) return;
    for (const head of heads) {
      const label = head.textContent.trim();
      if (!label || head.querySelector("a, button")) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.dataset.sort = "";
      button.append(...head.childNodes);
      head.append(button);
    }
    const stops = heads.map((head) => head.querySelector("button.sort")).filter(Boolean);
    stops.forEach((stop, index) => { stop.tabIndex = index ? -1 : 0; });
    table.tHead.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const next = step && stops[stops.indexOf(event.target) + step];
      if (!next) return;
      event.preventDefault();
      event.target.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    });
  }

  function filterOf(table, tools) {
    if (document.querySelector(`[data-filter-table="${CSS.escape(table.id)}"]`)) return;
    const label = document.createElement("label");
    label.className = "small";
    label.htmlFor = `${table.id}-filter`;
    label.textContent = "この一覧を絞り込む";
    const input = document.createElement("input");
    input.className = "input";
    input.id = label.htmlFor;
    input.type = "text";
    input.autocomplete = "off";
    input.dataset.filterTable = table.id;
    tools.append(label, input);
  }

  function exportOf(table, index, tools) {
    const address = new URL(location.href);
    address.searchParams.set("export", index);
    address.hash = "";
    const link = document.createElement("a");
    link.className = "button button-small";
    link.href = address.pathname + address.search;
    link.download = "";
    const isPaged = Boolean(document.querySelector(".pager ul"));
    link.textContent = isPaged ? "このページをCSVに出力" : "CSVに出力";
    const caption = table.caption ? table.caption.textContent.trim() : "";
    if (caption) link.setAttribute("aria-label", `${caption}を${link.textContent}`);
    tools.append(link);
  }

  function equip(table, index) {
    if (table.closest("form, .explanation, dialog, [data-no-tools]")) return;
    const rows = rowsOf(table);
    const isMain = tables.length === 1;
    if (rows.length < (isMain ? 2 : FEW)) return;
    if (!table.id) table.id = `list-${index}`;
    makeSortable(table);
    const wrap = table.closest(".table-wrap") || table;
    const before = wrap.previousElementSibling;
    const present = before && before.matches(".table-tools") ? before : null;
    const tools = present || document.createElement("div");
    tools.classList.add("table-tools", "no-print");
    if (rows.length >= FEW * 2) filterOf(table, tools);
    if (document.body.dataset.export !== undefined) exportOf(table, index, tools);
    if (!present && tools.childElementCount) wrap.before(tools);
  }

  tables.forEach(equip);
})();

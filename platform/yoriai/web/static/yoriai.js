/* Page behaviour common to all screens. Everything works without it, only slower. No inline code, no eval (CSP). */
(function () {
  "use strict";

  const $all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const isTyping = (element) => Boolean(element && element.closest("input:not([type=checkbox]):not([type=radio]), textarea, select"));
  const isComposing = (event) => event.isComposing || event.keyCode === 229;

  /** Say a sentence to screen readers without moving the focus. */
  function announce(text) {
    const region = document.getElementById("live-status");
    if (region) region.textContent = text;
  }

  /** Show a message in the message area; `text` is plain text. */
  function showMessage(kind, text) {
    const template = document.getElementById("message-template");
    const area = document.getElementById("messages");
    if (!template || !area) return;
    const alert = template.content.firstElementChild.cloneNode(true);
    alert.classList.add("alert-" + kind);
    alert.querySelector(".alert-body").textContent = text;
    area.replaceChildren(alert);
  }

  window.yoriai = { announce, showMessage, isComposing };

  /* Keyboard. */
  function pressed(event) {
    const parts = [];
    if (event.ctrlKey || event.metaKey) parts.push("Ctrl");
    if (event.altKey) parts.push("Alt");
    if (event.shiftKey && event.key.length > 1) parts.push("Shift");
    const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code);
    parts.push(digit ? digit[1] : event.key.length === 1 ? event.key.toUpperCase() : event.key);
    return parts.join("+");
  }

  function focusSearch() {
    const box = document.querySelector("[data-search-input], form[role=search] input[name=q]");
    if (!box) return;
    box.focus();
    box.select();
  }

  function runShortcut(keys) {
    const field = $all("[data-focus-key]").find((element) => element.dataset.focusKey === keys && element.offsetParent !== null);
    if (field) {
      field.focus();
      return true;
    }
    const target = $all("[data-shortcut]").find((element) => element.dataset.shortcut === keys && !element.closest("[hidden]"));
    if (target) target.click();
    return Boolean(target);
  }

  function toggleHelp() {
    const help = document.getElementById("key-help");
    if (help && !help.open) help.showModal();
    else if (help) help.close();
  }

  document.addEventListener("keydown", (event) => {
    if (isComposing(event) || event.defaultPrevented) return;
    const typing = isTyping(event.target);
    const keys = pressed(event);
    if (keys === "/" && !typing) focusSearch();
    else if ((event.key === "?" || event.key === "F2") && !(typing && event.key === "?")) toggleHelp();
    else if (/^(Ctrl|Alt|F\d)/.test(keys) && runShortcut(keys)) announce("");
    else return;
    event.preventDefault();
  });

  /* Up and down move between the rows of a list or table; Enter is the link's own. */
  document.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const list = event.target.closest("[data-arrow-list]");
    if (!list || isTyping(event.target)) return;
    const stops = $all("[data-row-link]", list).filter((element) => element.offsetParent !== null);
    const at = stops.indexOf(event.target);
    const next = stops[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (at < 0 || !next) return;
    event.preventDefault();
    next.focus();
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.hasAttribute("data-open-help")) toggleHelp();
    if (button.hasAttribute("data-print")) window.print();
    if (button.hasAttribute("data-back")) history.back();
    if (button.hasAttribute("data-reload")) location.reload();
  });

  /* Tables: a header without a server address sorts what is on the page. */
  function cellValue(row, index) {
    const cell = row.cells[index];
    return cell ? cell.dataset.value || cell.textContent.trim() : "";
  }

  const ERAS = { 令和: 2018, 平成: 1988, 昭和: 1925, 大正: 1911, 明治: 1867 };
  const WAREKI = /^(令和|平成|昭和|大正|明治)(元|\d+)年(\d+)月(?:(\d+)日)?/;

  /** 和暦 as a number that grows with the days, plain numbers with their commas and unit taken off, else the text. */
  function sortKey(text) {
    const day = WAREKI.exec(text);
    if (day) return String(((ERAS[day[1]] + (day[2] === "元" ? 1 : Number(day[2]))) * 100 + Number(day[3])) * 100 + Number(day[4] || 0));
    return /^▲?[\d,]+(円|歳|人|件|世帯)?$/.test(text) ? text.replace("▲", "-").replace(/[,円歳人件世帯]/g, "") : text;
  }

  function compare(one, other) {
    const [left, right] = [sortKey(one), sortKey(other)];
    const numbers = [Number(left), Number(right)];
    if (left !== "" && right !== "" && numbers.every(Number.isFinite)) return numbers[0] - numbers[1];
    return left.localeCompare(right, "ja");
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-sort]");
    if (!button) return;
    const header = button.closest("th");
    const body = header.closest("table").tBodies[0];
    const isAscending = header.getAttribute("aria-sort") !== "ascending";
    const rows = Array.from(body.rows);
    rows.sort((a, b) => compare(cellValue(a, header.cellIndex), cellValue(b, header.cellIndex)) * (isAscending ? 1 : -1));
    for (const other of header.parentElement.cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", isAscending ? "ascending" : "descending");
    body.append(...rows);
    announce(button.textContent.trim() + (isAscending ? "の昇順" : "の降順") + "に並べ替えました。");
  });

  document.addEventListener("input", (event) => {
    const table = event.target.dataset.filterTable && document.getElementById(event.target.dataset.filterTable);
    if (!table) return;
    const wanted = event.target.value.normalize("NFKC").trim().toLowerCase();
    const rows = Array.from(table.tBodies[0].rows);
    for (const row of rows) row.hidden = wanted !== "" && !row.textContent.normalize("NFKC").toLowerCase().includes(wanted);
    announce(rows.filter((row) => !row.hidden).length + "件を表示しています。");
  });

  /* Coming back: scrolled boxes return to where they were (the page itself is the browser's own work). */
  const boxes = () => $all("[data-keep-scroll][id]");
  window.addEventListener("pagehide", () => {
    const positions = Object.fromEntries(boxes().map((box) => [box.id, box.scrollTop]));
    history.replaceState({ ...history.state, positions }, "");
  });
  for (const box of boxes()) box.scrollTop = ((history.state || {}).positions || {})[box.id] || 0;

  /* A table wider than its place can be scrolled by keyboard; others cost no Tab stop. */
  for (const wrap of $all(".table-wrap")) if (wrap.scrollWidth > wrap.clientWidth) wrap.tabIndex = 0;

  /* Leaving the desk: the clipboard must not keep a resident's name. */
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-logout]") || !navigator.clipboard) return;
    navigator.clipboard.writeText("").catch(() => undefined);
  });

  /* htmx: failures are told in Japanese, never silently. */
  document.addEventListener("htmx:sendError", () => showMessage("error", "通信できませんでした。回線を確認し、もう一度操作してください。入力した内容は画面に残っています。"));
  document.addEventListener("htmx:responseError", (event) => {
    const isLoggedOut = event.detail.xhr.status === 401;
    showMessage("error", isLoggedOut
      ? "ログインの有効時間が過ぎました。別の画面でログインし直してから、もう一度操作してください。"
      : "処理できませんでした。もう一度操作し、続くときはシステム担当に連絡してください。");
  });

  /* A session about to end is said beforehand, while typed text can still be saved. */
  const seconds = Number(document.body.dataset.sessionSeconds || 0);
  if (seconds > 180) {
    setTimeout(() => showMessage("alert", "あと2分で自動的にログアウトします。入力中の内容は保存してください。"), (seconds - 120) * 1000);
  }
})();

/* Forms: unsaved input, double submission, first error, dates in 和暦, repeated groups. */
(function () {
  "use strict";

  const ERAS = [
    { letter: "R", names: ["令和", "令", "R"], name: "令和", start: "2019-05-01", offset: 2018 },
    { letter: "H", names: ["平成", "平", "H"], name: "平成", start: "1989-01-08", offset: 1988 },
    { letter: "S", names: ["昭和", "昭", "S"], name: "昭和", start: "1926-12-25", offset: 1925 },
    { letter: "T", names: ["大正", "大", "T"], name: "大正", start: "1912-07-30", offset: 1911 },
    { letter: "M", names: ["明治", "明", "M"], name: "明治", start: "1873-01-01", offset: 1867 },
  ];
  const ERA_DATE = /^([^\d]{1,2})(\d{1,2}|元)(?:年|[.\-/])(\d{1,2})(?:月|[.\-/])(\d{1,2})日?$/;
  const ERA_DIGITS = /^([^\d]{1,2})(\d{2})(\d{2})(\d{2})$/;
  const WESTERN_DATE = /^(\d{4})(?:年|[.\-/])(\d{1,2})(?:月|[.\-/])(\d{1,2})日?$/;
  const WESTERN_DIGITS = /^(\d{4})(\d{2})(\d{2})$/;

  const pad = (number) => String(number).padStart(2, "0");

  /** ISO date of a year, month and day, or "" when no such day exists. */
  function isoDate(year, month, day) {
    const date = new Date(Date.UTC(year, month - 1, day));
    const exists = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
    return exists ? `${year}-${pad(month)}-${pad(day)}` : "";
  }

  function eraIso(match) {
    const era = ERAS.find((candidate) => candidate.names.includes(match[1].toUpperCase()));
    if (!era) return "";
    const year = match[2] === "元" ? 1 : Number(match[2]);
    const iso = year > 0 ? isoDate(era.offset + year, Number(match[3]), Number(match[4])) : "";
    const following = ERAS[ERAS.indexOf(era) - 1];
    return iso >= era.start && !(following && iso >= following.start) ? iso : "";
  }

  /** Read what a clerk types; ISO date or "". The server's parse_date decides, this is only a preview. */
  function parseDate(text) {
    const plain = text.normalize("NFKC").replace(/\s/g, "");
    const era = ERA_DATE.exec(plain) || ERA_DIGITS.exec(plain);
    if (era) return eraIso(era);
    const western = WESTERN_DATE.exec(plain) || WESTERN_DIGITS.exec(plain);
    return western ? isoDate(Number(western[1]), Number(western[2]), Number(western[3])) : "";
  }

  function formatWareki(iso) {
    const [year, month, day] = iso.split("-").map(Number);
    const era = ERAS.find((candidate) => iso >= candidate.start);
    if (!era) return `${year}年${month}月${day}日`;
    const eraYear = year - era.offset;
    return `${era.name}${eraYear === 1 ? "元" : eraYear}年${month}月${day}日`;
  }

  window.yoriaiDates = { parseDate, formatWareki };

  function previewDate(input, isLeaving) {
    const preview = document.getElementById(input.dataset.preview);
    if (!preview) return;
    if (!preview.dataset.hint) preview.dataset.hint = preview.textContent;
    const text = input.value.trim();
    const iso = parseDate(text);
    const isUnreadable = text !== "" && !iso && isLeaving && !text.includes("不詳");
    preview.dataset.state = iso ? "ok" : isUnreadable ? "bad" : "";
    if (iso) preview.textContent = `${formatWareki(iso)}(${iso.slice(0, 4)}年)`;
    else preview.textContent = isUnreadable ? "この日付はありません。例: S600401" : preview.dataset.hint;
  }

  const isDateInput = (element) => element instanceof HTMLInputElement && element.hasAttribute("data-wareki");
  document.addEventListener("input", (event) => isDateInput(event.target) && previewDate(event.target, false));
  document.addEventListener("focusout", (event) => isDateInput(event.target) && previewDate(event.target, true));

  /* Unsaved input. */
  const changed = new Set();
  const guarded = (element) => element.closest && element.closest("form[data-guard]");
  for (const kind of ["input", "change"]) {
    document.addEventListener(kind, (event) => guarded(event.target) && changed.add(guarded(event.target)));
  }
  window.addEventListener("beforeunload", (event) => {
    if (![...changed].some((form) => form.isConnected && !form.dataset.sending)) return;
    event.preventDefault();
    event.returnValue = "";
  });

  /* One press, one record: the second submission of the same form is dropped. */
  function sendOnce(event) {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented || form.hasAttribute("data-download")) return;
    if (form.dataset.sending) {
      event.preventDefault();
      return;
    }
    form.dataset.sending = "1";
    for (const button of form.querySelectorAll("button:not([type=button])")) button.setAttribute("aria-disabled", "true");
    if (window.yoriai) window.yoriai.announce("送信しています。");
  }

  function allowSending(form) {
    delete form.dataset.sending;
    for (const button of form.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
  }

  document.addEventListener("submit", sendOnce);
  document.addEventListener("htmx:afterRequest", (event) => event.target.matches("form") && allowSending(event.target));
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sending]").forEach(allowSending));

  function nextStop(form, from) {
    const stops = Array.from(form.querySelectorAll("input:not([type=hidden]), select, textarea, button"));
    const usable = stops.filter((stop) => stop.tabIndex >= 0 && !stop.disabled && stop.offsetParent !== null);
    return usable[usable.indexOf(from) + 1];
  }

  /* Enter goes on to the next field, as clerks are used to; Ctrl+Enter submits. */
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.altKey || window.yoriai.isComposing(event)) return;
    const form = event.target.closest("form[data-enter-next]");
    if (!form || !event.target.matches("input, select")) return;
    event.preventDefault();
    nextStop(form, event.target)?.focus();
  });

  /* A date or postcode that has all its digits is done: the cursor goes on (F2 switches this off in this browser). */
  const FULL = [/^[A-Za-z]\d{6}$/, /^(18|19|20)\d{6}$/];
  const SWITCH = "yoriai.autoNext";
  const isPostcode = (input) => /(^|\.)(sending_)?postcode$/.test(input.name);

  function isFull(input) {
    const text = input.value.normalize("NFKC");
    if (input.hasAttribute("data-wareki")) return FULL.some((shape) => shape.test(text));
    return isPostcode(input) && /^\d{7}$/.test(text);
  }

  document.addEventListener("input", (event) => {
    const input = event.target;
    if (event.inputType !== "insertText" || !(input instanceof HTMLInputElement) || localStorage.getItem(SWITCH) === "off") return;
    const form = input.closest("form[data-enter-next]");
    if (!form || input.selectionStart !== input.value.length || !isFull(input)) return;
    nextStop(form, input)?.focus();
  });

  const box = document.querySelector("[data-auto-next]");
  if (box) {
    box.checked = localStorage.getItem(SWITCH) !== "off";
    box.addEventListener("change", () => localStorage.setItem(SWITCH, box.checked ? "on" : "off"));
  }

  /* One mark for everybody in a list of people. */
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-check-all]")) return;
    const boxes = event.target.closest("form").querySelectorAll(event.target.dataset.checkAll);
    for (const other of boxes) other.checked = event.target.checked;
    window.yoriai.announce(`${boxes.length}人${event.target.checked ? "に印を付けました。" : "の印を外しました。"}`);
  });

  /** What a family has in common is typed once. */
  function carry(before, group) {
    for (const target of group.querySelectorAll("[data-carry]")) {
      const name = target.name.slice(target.name.lastIndexOf(".") + 1);
      const source = before.querySelector(`[data-carry][name$=".${name}"]`);
      if (!source) continue;
      target.value = target.dataset.carry === "all" ? source.value : (/^.+?[\s\u3000]/.exec(source.value) || [""])[0];
    }
  }

  /* Repeated groups: the template's __index__ becomes the next free number; the server tolerates gaps. */
  function addGroup(repeat) {
    const index = Number(repeat.dataset.next);
    const markup = repeat.querySelector("template").innerHTML.replaceAll("__index__", index).replaceAll("__number__", index + 1);
    const holder = document.createElement("template");
    holder.innerHTML = markup;
    const group = holder.content.firstElementChild;
    const before = repeat.querySelector("[data-groups]").lastElementChild;
    repeat.querySelector("[data-groups]").append(group);
    if (before) carry(before, group);
    repeat.dataset.next = String(index + 1);
    const first = group.querySelector("input:not([type=hidden]), select");
    if (!first) return;
    first.focus();
    if (first.value) first.setSelectionRange(first.value.length, first.value.length);
  }

  function removeGroup(group) {
    const repeat = group.closest("[data-repeat]");
    const neighbour = group.previousElementSibling || group.nextElementSibling;
    group.remove();
    changed.add(repeat.closest("form"));
    const stop = neighbour && neighbour.querySelector("input:not([type=hidden]), select");
    (stop || repeat.querySelector("[data-add-group]")).focus();
    window.yoriai.announce("1人分の入力欄を取り消しました。");
  }

  document.addEventListener("click", (event) => {
    const add = event.target.closest("[data-add-group]");
    const remove = event.target.closest("[data-remove-group]");
    if (!add && !remove) return;
    event.preventDefault();
    if (add) addGroup(add.closest("[data-repeat]"));
    else removeGroup(remove.closest("[data-group]"));
  });

  /* Start: dates already filled in are shown, and the first wrong field has the cursor. */
  function start(root) {
    for (const input of root.querySelectorAll("input[data-wareki]")) if (input.value) previewDate(input, false);
    const wrong = root.querySelector("[aria-invalid=true]");
    if (wrong) (wrong.matches("fieldset") ? wrong.querySelector("input") : wrong).focus();
    return Boolean(wrong);
  }

  /* The list of mistakes names item and person in the words of the screen. */
  function nameMistakes() {
    for (const link of document.querySelectorAll(".alert-error li a[href^='#']")) {
      const field = document.getElementById(link.hash.slice(1));
      const legend = field && field.closest("fieldset")?.querySelector("legend");
      const label = field && field.type === "radio" ? legend : (field && field.labels && field.labels[0]) || legend;
      if (!label) continue;
      const group = field.closest("[data-group], fieldset.member")?.querySelector("legend");
      const name = label === group ? "" : label.firstChild.textContent.trim() || label.textContent.trim();
      const whose = group ? `${group.firstChild.textContent.trim()} ` : "";
      const message = link.textContent;
      link.textContent = `${whose}${!name || message.startsWith(name) ? "" : `${name}: `}${message}`;
    }
  }
  nameMistakes();

  /* A question to confirm comes first, else a page that is one form begins in its first field, where that is in sight. */
  function enter() {
    const question = document.querySelector("main input[type=checkbox][name^=confirmed]");
    if (question) return question.focus();
    const named = location.hash && document.getElementById(location.hash.slice(1));
    if (named && named.matches("input, select, textarea")) return named.focus();
    const form = document.querySelector("main form[data-enter-next]");
    if (document.activeElement !== document.body || location.hash || !form || !form.querySelector(".submit-bar")) return undefined;
    const first = nextStop(form, null);
    return first && first.getBoundingClientRect().top < window.innerHeight * 0.7 ? first.focus() : undefined;
  }
  if (!start(document)) enter();
  document.addEventListener("htmx:load", (event) => event.target !== document.body && start(event.target));
})();

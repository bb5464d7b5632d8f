/* The character picker: Alt+K in a field of text opens it, Enter puts the chosen character where the cursor was. */
(function () {
  "use strict";

  const dialog = document.getElementById("characters");
  if (!dialog) return;
  const form = dialog.querySelector("form");
  const about = document.getElementById("character-about");
  let field = null;
  let span = [0, 0];
  /* The kanji before the cursor: choosing another form of it replaces it. */
  let before = "";
  const LAST_KANJI = /(\p{Ideographic})[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]?$/u;

  const takesText = (element) =>
    element instanceof HTMLTextAreaElement ||
    (element instanceof HTMLInputElement && ["text", "search"].includes(element.type) && element.inputMode !== "numeric" && !element.hasAttribute("data-wareki"));
  const glyphs = () => Array.from(dialog.querySelectorAll("[data-character]"));

  function open(target) {
    if (dialog.open || !takesText(target) || target.readOnly || dialog.contains(target)) return false;
    field = target;
    span = [target.selectionStart, target.selectionEnd];
    const last = LAST_KANJI.exec(target.value.slice(span[0], span[1]) || target.value.slice(0, span[0]));
    before = last && span[0] === span[1] ? last[0] : "";
    form.elements.character.value = last ? last[1] : "";
    dialog.showModal();
    if (form.elements.character.value) form.requestSubmit();
    form.elements.reading.focus();
    return true;
  }

  function insert(text) {
    const isOtherForm = before && form.elements.character.value === [...before][0];
    field.setRangeText(text, isOtherForm ? span[0] - before.length : span[0], span[1], "end");
    dialog.close();
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    window.yoriai.announce(text + "を入れました。");
  }

  function show(glyph) {
    for (const other of glyphs()) other.tabIndex = other === glyph ? 0 : -1;
    about.textContent = glyph ? glyph.dataset.about : "";
  }

  /* Left and right go one on, up and down a row of the grid as it is laid out now. */
  function move(glyph, key) {
    const all = glyphs();
    const columns = all.filter((one) => one.offsetTop === all[0].offsetTop).length;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[key];
    const at = all.indexOf(glyph) + step;
    if (at < 0) form.elements.reading.focus();
    else if (all[at]) all[at].focus();
  }

  document.addEventListener("keydown", (event) => {
    if (window.yoriai.isComposing(event)) return;
    if (event.altKey && event.code === "KeyK" && open(event.target)) event.preventDefault();
  });

  dialog.addEventListener("keydown", (event) => {
    if (window.yoriai.isComposing(event)) return;
    const glyph = event.target.closest("[data-character]");
    if (glyph && event.key.startsWith("Arrow")) {
      event.preventDefault();
      move(glyph, event.key);
    } else if (event.key === "ArrowDown" && form.contains(event.target) && glyphs().length) {
      event.preventDefault();
      glyphs()[0].focus();
    }
  });
  dialog.addEventListener("focusin", (event) => show(event.target.closest("[data-character]")));
  dialog.addEventListener("close", () => field && field.focus());

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-characters-for]");
    if (opener) open(document.getElementById(opener.dataset.charactersFor));
    const glyph = event.target.closest("#characters [data-character]");
    if (glyph) insert(glyph.dataset.character);
    if (event.target.closest("[data-close-characters]")) dialog.close();
  });

  /* Who has already gone to a character while the answer was on its way stays there, if the answer has it, too. */
  let held = "";
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target.id === "character-results") held = document.activeElement.dataset.character || "";
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "character-results") return;
    const note = event.target.querySelector("[data-announce]");
    window.yoriai.announce(note ? note.dataset.announce : "");
    const all = glyphs();
    if (all.length) (all.find((one) => one.dataset.character === held) || all[0]).focus();
  });
})();

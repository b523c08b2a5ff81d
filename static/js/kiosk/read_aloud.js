// What « Écouter » says of a part of the page: what it shows, in the same words and in the same order. Nothing
// is written for the voice alone but « Vous pouvez toucher » before buttons. An element with `data-say` is said
// in those words instead (a time as a sentence has it, nothing for a drawing). A name is never said.
(() => {
  "use strict";
  const UNSAID = "template, script, style, [hidden], [aria-hidden='true'], [data-unsaid], [data-speak], input";
  const UNITS = "h1, h2, h3, p, li, button, label, .keys";
  const APART = "time, small, br";
  const TOUCHED = "button, .keys";
  const words = () => document.querySelector('[data-part="state"]')?.dataset ?? {};
  const isShown = (element) => !element.matches(UNSAID) && (element.checkVisibility?.() ?? true);
  const langOf = (element) => element.closest("[lang]")?.lang || document.documentElement.lang;

  // ---- one sentence ----

  // « 10:30 » as « 10 h 30 », « 02 61 91 00 00 » and « 482 913 » group by group, « 12 min » in full.
  function asSaid(text, lang) {
    const comma = lang === "ar" ? "،" : ",";
    return text
      .replace(/\s+/g, " ")
      .replace(/ · /g, `${comma} `)
      .replace(/\b0\d{3}(?= \d)/g, (start) => `${start.slice(0, 2)} ${start.slice(2)}`)
      .replace(/(?<!\d)\d+(?: \d+)+(?!\d)/g, (groups) => groups.replaceAll(" ", `${comma} `))
      .replace(/\b\d{1,2}:\d\d\b/g, inSentence)
      .replace(/(\d) min\b/g, (_, n, at, all) => `${n} ${/(^|\D)1$/.test(all.slice(0, at + 1)) ? "minute" : "minutes"}`)
      .replace(/ +([.,،])/g, "$1")
      .trim();
  }

  // « 09:05 » as the server writes it within a sentence of this language: « 9 h 05 ».
  function inSentence(clock) {
    const [hour, minutes] = clock.split(":");
    const { hourWords = "{h}:{m}", fullHourWords = "{h}:00" } = words();
    const pattern = minutes === "00" ? fullHourWords : hourWords;
    return pattern.replace("{h}", Number(hour)).replace("{m}", minutes).replace(/\s/g, " ");
  }

  function inline(node, lang) {
    if (node.nodeType === Node.TEXT_NODE) return node.textContent;
    if (node.nodeType !== Node.ELEMENT_NODE) return "";
    if (node.matches("[data-seconds]")) return `, ${words().secondsLeft?.replace("{n}", node.textContent) ?? node.textContent}`;
    if (!isShown(node)) return "";
    if ("say" in node.dataset) return node.dataset.say;
    if (node.matches("bdi:not([dir])")) return node.dataset.name ?? "";
    const said = [...node.childNodes].map((child) => inline(child, lang)).join("");
    if (!said.trim()) return "";
    // Words of two elements are never glued together.
    return node.matches(APART) ? `\u0000${said}\u0000` : ` ${said} `;
  }

  function sentence(element, lang) {
    const comma = lang === "ar" ? "،" : ",";
    const said = [...element.childNodes].map((child) => inline(child, lang)).join("");
    const pieces = said.split("\u0000").map((piece) => piece.replace(/\s+/g, " ").trim());
    const joined = pieces.filter(Boolean).reduce((all, piece) => `${all}${/[.,،:;?!]$/.test(all) ? "" : comma} ${piece}`, "");
    return asSaid(joined.replace(/^[,،] /, ""), lang);
  }

  // ---- all of them, in order ----

  function collect(element, found) {
    if (!isShown(element)) return;
    if (!element.matches(UNITS) && !("say" in element.dataset)) {
      for (const child of element.childNodes) {
        if (child.nodeType === Node.ELEMENT_NODE) collect(child, found);
        else if (child.nodeType === Node.TEXT_NODE) add(asSaid(child.textContent, langOf(element)), element, found);
      }
      return;
    }
    const lang = langOf(element.querySelector("[lang]") ?? element);
    const said = "say" in element.dataset ? asSaid(element.dataset.say, lang) : sentence(element, lang);
    add(said, element, found, lang);
  }

  function add(text, element, found, lang = langOf(element)) {
    if (!text) return;
    const before = found.at(-1);
    if ("continues" in element.dataset && before && !before.isTouched) before.text += ` ${text}`;
    else found.push({ text, lang, isTouched: element.matches(TOUCHED) });
  }

  const ended = (text) => (/[.!?…:؟]$/.test(text) ? text : `${text}.`);

  // The sentences by language, each to be said by a voice of its own.
  function partsOf(...roots) {
    const found = [];
    for (const root of roots) collect(root, found);
    const parts = [];
    for (const [index, { text, lang, isTouched }] of found.entries()) {
      const before = found[index - 1];
      const isFirst = isTouched && !before?.isTouched;
      const isLast = !isTouched || !found[index + 1]?.isTouched || found[index + 1].lang !== lang;
      const start = isFirst && !before?.text.endsWith(":") ? `${asSaid(words().touch ?? "", lang)} ` : "";
      const semicolon = lang === "ar" ? "؛" : " ;";
      const said = isLast ? ended(text) : `${text}${semicolon}`;
      if (start && lang !== document.documentElement.lang) parts.push({ lang: document.documentElement.lang, text: start.trim() });
      const whole = start && lang === document.documentElement.lang ? start + said : said;
      if (parts.at(-1)?.lang === lang) parts.at(-1).text += ` ${whole}`;
      else parts.push({ lang, text: whole });
    }
    return parts;
  }

  window.readAloud = { partsOf, inSentence };
})();

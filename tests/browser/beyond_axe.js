// What axe does not see of a page. Loaded before the scripts of each page; beyond_axe.py asks it.
(() => {
  "use strict";
  window.saidAgain = [];
  const before = new WeakMap();
  const live = "[aria-live]:not([aria-live=off]), [role=status], [role=alert], [role=log]";
  const words = element => element.textContent.replace(/\s+/g, " ").trim();
  const note = (region, what) => {
    const now = words(region), was = before.get(region);
    before.set(region, now);
    if (now && was === now) window.saidAgain.push(`${what}: ${now.slice(0, 80)}`);
  };
  const alerts = new Set();
  new MutationObserver(changes => {
    const regions = new Set();
    for (const { target, addedNodes } of changes) {
      const region = (target.nodeType === 1 ? target : target.parentElement)?.closest(live);
      if (region) regions.add(region);
      for (const node of addedNodes) {
        if (node.nodeType !== 1) continue;
        for (const alert of [node, ...node.querySelectorAll("[role=alert]")]) {
          if (!alert.matches("[role=alert]") || !alert.checkVisibility()) continue;
          const text = words(alert);
          if (text && alerts.has(text)) window.saidAgain.push(`alert: ${text.slice(0, 80)}`);
          alerts.add(text);
        }
      }
    }
    for (const region of regions) note(region, region.id || region.className || region.localName);
  }).observe(document, { subtree: true, childList: true, characterData: true });


  const refresh = async selector => {
    for (const first of [...document.querySelectorAll(selector)]) {
      const part = first.id ? document.getElementById(first.id) : first;
      if (!part?.isConnected || !part.getAttribute("hx-get")) continue;
      const swap = part.getAttribute("hx-swap") ?? "innerHTML";
      await htmx.ajax("GET", part.getAttribute("hx-get"), { source: part, target: part, swap });
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  };

  const names = () => {
    const plain = text => text.replace(/\s+/g, " ").trim();
    const nameOf = element => plain(element.getAttribute("aria-label") ?? element.textContent);
    const wordsOf = text => plain(text.replace(/[^\p{L}\p{N}\p{P} ]/gu, " "));
    const whatItDoes = element => {
      if (element.localName === "a") return element.href;
      if (element.localName === "summary") { // a fold with nothing to press in it only shows
        const forms = [...element.parentElement.querySelectorAll("form")];
        return forms.length ? plain(element.parentElement.textContent) + forms.map(each => each.action).join() : "fold";
      }
      const form = element.form;
      const hidden = form ? [...form.querySelectorAll("input[type=hidden]")]
        .filter(each => !/csrf|announce/.test(each.name)).map(each => `${each.name}=${each.value}`).join("&") : "";
      return [element.formAction || form?.action, element.name, element.value, hidden, form ? "" : element.outerHTML].join("|");
    };
    const found = new Map(), faults = [];
    for (const each of document.querySelectorAll("button, a[role=button], summary")) {
      if (each.closest("[hidden], noscript, template, [aria-hidden=true]") || !each.checkVisibility()) continue;
      const name = nameOf(each);
      if (!name) { faults.push(`no name: ${each.outerHTML.slice(0, 120)}`); continue; }
      const shown = wordsOf([...each.childNodes].map(node => node.nodeType === 3 ? node.textContent :
        node.matches?.(".visually-hidden, [aria-hidden=true]") ? "" : node.textContent ?? "").join(" "));
      if (each.hasAttribute("aria-label") && /\p{L}/u.test(shown) && !name.toLowerCase().startsWith(shown.toLowerCase()))
        faults.push(`the name « ${name} » does not begin with « ${shown} »`);
      const does = whatItDoes(each);
      if (!found.has(name)) found.set(name, new Set());
      found.get(name).add(does);
    }
    for (const [name, acts] of found)
      if (acts.size > 1) faults.push(`${acts.size} buttons « ${name} » do different things: ${[...acts].slice(0, 2).join("  //  ").slice(0, 200)}`);
    const day = /\d+(er)? \p{L}+/u;
    for (const each of document.querySelectorAll("button[name=slot]"))
      if (!day.test(nameOf(each))) faults.push(`a time without its day: « ${nameOf(each)} »`);
    return faults;
  };

  const sizes = ([least, inGrid]) => {
    const faults = new Set();
    const controls = "button, a[role=button], summary, select, textarea, input:not([type=hidden]), .bar nav a";
    for (const each of document.querySelectorAll(controls)) {
      if (!each.checkVisibility() || each.closest("[inert], .visually-hidden, noscript")) continue;
      let box = each.getBoundingClientRect();
      if (/checkbox|radio/.test(each.type)) {
        const label = each.labels?.[0]?.getBoundingClientRect();
        if (label && label.width * label.height > box.width * box.height) box = label;
      }
      if (box.width <= 1.5 && box.height <= 1.5) continue; // hidden from sight
      const needed = each.closest("table.week-grid, #week table") ? Math.max(inGrid, least) : least;
      if (box.width + 0.5 < needed || box.height + 0.5 < needed) {
        const name = (each.getAttribute("aria-label") ?? each.textContent ?? "").replace(/\s+/g, " ").trim();
        const looks = `${each.localName}${each.type ? `[${each.type}]` : ""}.${each.className}`;
        faults.add(`${Math.round(box.width)}×${Math.round(box.height)}, not ${needed}: ${looks} « ${(name || each.name).slice(0, 40)} »`);
      }
    }
    return [...faults].slice(0, 12);
  };

  // Words that stand out of what is pressed, over what is beside it; and a page wider than its window.
  const tooWide = () => {
    const faults = new Set(), controls = "button, a[role=button], summary, .bar nav a";
    for (const each of document.querySelectorAll(controls)) {
      if (!each.checkVisibility() || each.closest(".visually-hidden")) continue;
      const range = document.createRange();
      range.selectNodeContents(each);
      const box = each.getBoundingClientRect(), inside = range.getBoundingClientRect();
      if (inside.width > box.width + 1 && !each.querySelector(".visually-hidden"))
        faults.add(`words wider than « ${each.textContent.replace(/\s+/g, " ").trim().slice(0, 40)} »`);
    }
    const { scrollWidth } = document.documentElement;
    if (scrollWidth > innerWidth) faults.add(`the page is ${scrollWidth} px wide, its window ${innerWidth}`);
    return [...faults].slice(0, 12);
  };

  const after = ms => new Promise(resolve => setTimeout(resolve, ms));
  const isLost = () => {
    const now = document.activeElement;
    return !now || now === document.body || !now.checkVisibility();
  };

  // What the press itself has asked for counts, not what other parts of the page ask for meanwhile.
  const press = async ([selector, number]) => {
    const each = [...document.querySelectorAll(selector)].filter(one => one.checkVisibility())[number];
    if (!each) return null;
    const name = each.textContent.replace(/\s+/g, " ").trim();
    each.focus();
    let asked = null;
    const settled = new Promise(resolve => {
      document.addEventListener("htmx:beforeSend", ({ detail }) => {
        if (detail.elt === each || detail.elt === each.form) asked ??= detail.xhr;
      });
      document.addEventListener("htmx:afterSettle", ({ detail }) => detail.xhr === asked && resolve(true));
      document.addEventListener("htmx:beforeSwap", ({ detail }) => detail.xhr === asked && !detail.shouldSwap && resolve(false));
      setTimeout(() => asked || resolve(false), 100); // the form is not filled in, or it is sent without htmx
      setTimeout(() => resolve(false), 10_000);
    });
    each.click();
    const isSwapped = await settled;
    if (isSwapped) await after(150); // what follows of it may be drawn again too
    for (let waited = 0; isSwapped && isLost() && waited < 1000; waited += 50) await after(50);
    return { name, isSwapped, isLost: isLost() };
  };

  const kindsOfPresses = selector => {
    const kinds = new Map();
    [...document.querySelectorAll(selector)].filter(one => one.checkVisibility()).forEach((each, number) => {
      const url = each.getAttribute("hx-post") ?? each.getAttribute("hx-get") ??
        each.form?.getAttribute("hx-post") ?? each.form?.getAttribute("hx-get");
      const kind = [url.split("?")[0].replace(/\d+/g, "0"), each.name, each.id.replace(/\d+/g, "0")].join();
      if (!kinds.has(kind)) kinds.set(kind, number);
    });
    return Object.fromEntries(kinds);
  };

  const openAll = () => document.querySelectorAll("main details").forEach((each) => (each.open = true));
  window.beyondAxe = { refresh, names, sizes, tooWide, press, kindsOfPresses, openAll };
})();

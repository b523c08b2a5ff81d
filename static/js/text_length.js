// Nothing typed is cut: near the longest length of a field (data-most) its label says how many characters are
// left, or too many. A status says so to screen readers, once the typing pauses.
(() => {
  "use strict";
  const texts = document.getElementById("text-length");
  if (!texts) return;
  const status = texts.querySelector("[role=status]");
  let pause = 0;

  // As the server counts: characters, without the spaces around, a new line as two.
  const lengthOf = (field) => [...field.value.trim().replace(/\r?\n/g, "\r\n")].length;

  const counterOf = (field) => {
    const label = field.labels?.[0];
    const known = label?.querySelector(".text-length");
    if (known || !label) return known;
    const counter = document.createElement("span");
    counter.className = "text-length";
    counter.ariaHidden = "true"; // the status says it
    label.append(counter);
    return counter;
  };

  function count(field) {
    const most = Number(field.dataset.most);
    const left = most - lengthOf(field);
    // A short field, such as a postal code, is meant to be filled: only too much is said.
    const isNear = left < (most > 20 ? Math.max(10, most / 5) : 0);
    const counter = isNear ? counterOf(field) : field.labels?.[0]?.querySelector(".text-length");
    const said = left < 0 ? `${texts.dataset.over} ${-left}` : `${texts.dataset.left} ${left}`;
    if (counter) {
      counter.textContent = isNear ? said : "";
      counter.classList.toggle("is-over", left < 0);
    }
    return isNear ? said : "";
  }

  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!field.dataset?.most) return;
    const said = count(field);
    clearTimeout(pause);
    pause = setTimeout(() => {
      status.textContent = said;
    }, 1000);
  });

  const countAll = (part) => {
    for (const field of part.querySelectorAll("[data-most]")) if (field.value) count(field);
  };
  document.addEventListener("htmx:afterSettle", (event) => countAll(event.target));
  countAll(document);
})();

// A form to which rows are added with a button (name="add"): after the session had ended, what was typed into such
// rows comes back too (drafts.js). The button is pressed until each of them is there.
document.addEventListener("permanence:unfilled", (event) => {
  const { left, fill } = event.detail;
  const add = document.querySelector("button[name=add][hx-post]");
  if (!add || !left.length) return;
  let missing = fill(left);
  document.addEventListener("htmx:afterSettle", () => {
    const before = missing.length;
    missing = fill(missing);
    if (missing.length && missing.length < before) add.click();
  });
  if (missing.length) add.click();
});

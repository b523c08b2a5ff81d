// The button on the slip page opens the print dialog.
document.getElementById("print")?.addEventListener("click", () => window.print());

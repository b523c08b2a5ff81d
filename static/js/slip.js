// The slip is opened to be printed.
document.getElementById("print")?.addEventListener("click", () => window.print());

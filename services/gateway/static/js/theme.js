// @ts-check
// Runs before the first paint: light or dark as chosen here before, else as the system says. The only classic script.
(function () {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  function chosen() {
    try { return localStorage.getItem("parley-theme"); } catch (error) { return null; }
  }
  function apply() {
    root.setAttribute("data-bs-theme", chosen() || (system.matches ? "dark" : "light"));
  }
  root.classList.add("script");
  apply();
  system.addEventListener("change", apply);
  document.addEventListener("click", function (event) {
    if (!(event.target instanceof Element) || !event.target.closest("[data-theme-toggle]")) return;
    const next = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    try { localStorage.setItem("parley-theme", next); } catch (error) { /* private mode: for this page only */ }
    root.setAttribute("data-bs-theme", next);
  });
})();

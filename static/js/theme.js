/* Runs before the first paint (plain script in <head>): light, dark or as the device says.
   The choice lives in a cookie so that the server already sends the right page. */
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  function choice() {
    const found = document.cookie.match(/(?:^|; )theme=(light|dark|auto)/);
    return found ? found[1] : "auto";
  }

  function apply(wanted) {
    const shown = wanted === "auto" ? (dark.matches ? "dark" : "light") : wanted;
    root.dataset.themeChoice = wanted;
    if (root.getAttribute("data-bs-theme") !== shown) root.setAttribute("data-bs-theme", shown);
    for (const button of document.querySelectorAll("[data-theme-set]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeSet === wanted));
    }
    document.dispatchEvent(new CustomEvent("than:theme", { detail: shown }));
  }

  apply(choice());
  dark.addEventListener("change", () => apply(choice()));
  document.addEventListener("DOMContentLoaded", () => apply(choice()));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-set], [data-theme-toggle]");
    if (!button) return;
    const shown = root.getAttribute("data-bs-theme");
    const wanted = button.dataset.themeSet || (shown === "dark" ? "light" : "dark");
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${wanted}; path=/; max-age=31536000; SameSite=Lax${secure}`;
    apply(wanted);
  });
})();

// Light or dark: as the system has it, until the user chooses. The choice is kept in this browser.
const KEY = "runstate.theme";
const root = document.documentElement;

/** Takes over the choice that was made before. */
export function applyTheme() {
  const chosen = localStorage.getItem(KEY);
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
}

/** Chooses the other one. */
export function switchTheme() {
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  localStorage.setItem(KEY, root.dataset.theme);
}

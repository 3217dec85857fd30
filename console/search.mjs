// The box at the top that finds scripts by their names. It knows no view.
import { html } from "./html.mjs";
import { FAMILIES, familyPath } from "./families.mjs";
import { Icon } from "./icons.mjs";
import { address, literalText, navigate } from "./route.mjs";

/** The box. Enter shows the scripts whose names contain the text. */
export function Search() {
  const submit = (event) => {
    event.preventDefault();
    const text = new FormData(event.target).get("text").trim();
    const query = text ? { $filter: `contains(displayName,${literalText(text)})` } : {};
    navigate(address(familyPath(FAMILIES[0]), query, { show: "all" }));
  };
  return html`<form class="search" role="search" onSubmit=${submit}>
    <${Icon} name="search" size=${16} />
    <input id="search" name="text" type="search" placeholder="Find a script" aria-label="Find a script" autocomplete="off" spellcheck="false" />
    <kbd>/</kbd>
  </form>`;
}

// Keys that work everywhere, and the help that lists them. A key does nothing while the user types.
// It knows the sections and the request that is shown, and no view.
import { html, useEffect, useRef } from "./html.mjs";
import { FORMS } from "./copy.mjs";
import { copyShown, sections } from "./frame.mjs";
import { navigate } from "./route.mjs";

// The second key of a pair must come within this time, in milliseconds.
const PAIR = 1500;
const ROWS = "#view [data-row], #view .cover";

/** The listener, and the dialog of the help. */
export function Keys() {
  const help = useRef(null);
  useEffect(() => {
    let first = { key: "", at: 0 };
    const onKeyDown = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
      const pair = event.timeStamp - first.at < PAIR ? first.key : "";
      first = { key: event.key, at: event.timeStamp };
      if (act(pair, event.key, help.current)) event.preventDefault();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
  return html`<dialog class="box help" ref=${help} aria-labelledby="help-title">
    <h2 id="help-title">Keys</h2>
    <dl>
      <${Key} keys="/">find a script, device or user</${Key}>
      ${sections().map(({ key, name }) => html`<${Key} keys=${`g ${key}`}>${name}</${Key}>`)}
      <${Key} keys="j k">next and previous row</${Key}>
      <${Key} keys="Enter">open the row</${Key}>
      <${Key} keys="Esc">close</${Key}>
      ${FORMS.map(({ key, name }) => html`<${Key} keys=${`c ${key}`}>copy the request as ${name}</${Key}>`)}
      <${Key} keys="?">this help</${Key}>
    </dl>
    <p class="actions"><button onClick=${() => help.current.close()}>Close</button></p>
  </dialog>`;
}

function Key({ keys, children }) {
  return html`<div><dt>${keys.split(" ").map((key) => html`<kbd>${key}</kbd>`)}</dt><dd>${children}</dd></div>`;
}

// Whether a key, after another one, did something.
function act(pair, key, help) {
  const section = pair === "g" && sections().find((one) => one.key === key);
  const form = pair === "c" && FORMS.find((one) => one.key === key);
  if (section) navigate(section.href);
  else if (form) copyShown(form);
  else if (key === "/") document.getElementById("search")?.focus();
  else if (key === "j" || key === "k") move(key === "j" ? 1 : -1);
  else if (key === "?") help.open || help.showModal();
  else return false;
  return true;
}

function move(step) {
  const rows = [...document.querySelectorAll(ROWS)];
  const at = rows.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step;
  rows[next]?.focus();
}

function isTyping(target) {
  return target.closest("input, textarea, select, [role=menu]") !== null || target.isContentEditable;
}

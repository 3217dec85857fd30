// A button that opens a small list of choices, for a mouse and for keys. It knows no view.
import { html, useEffect, useRef, useState } from "./html.mjs";

/** `choices` are `{ name, key, choose }`; the button shows `children`. */
export function Menu({ label, className = "", choices, align = "right", children }) {
  const [isOpen, setOpen] = useState(false);
  const box = useRef(null);
  useEffect(() => {
    if (!isOpen) return undefined;
    const outside = (event) => box.current.contains(event.target) || setOpen(false);
    addEventListener("pointerdown", outside);
    box.current.querySelector("[role=menuitem]")?.focus();
    return () => removeEventListener("pointerdown", outside);
  }, [isOpen]);
  const close = () => {
    setOpen(false);
    box.current.querySelector("button").focus();
  };
  const onKeyDown = (event) => {
    const items = [...box.current.querySelectorAll("[role=menuitem]")];
    const at = items.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const byKey = choices.findIndex(({ key }) => key === event.key);
    if (event.key === "Escape" && isOpen) close();
    else if (step && isOpen) items[(at + step + items.length) % items.length].focus();
    else if (byKey >= 0 && isOpen) items[byKey].click();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return html`<div class=${`menu ${align}`} ref=${box} onKeyDown=${onKeyDown}>
    <button class=${className} aria-haspopup="menu" aria-expanded=${String(isOpen)} aria-label=${label} onClick=${() => setOpen(!isOpen)}>${children}</button>
    ${isOpen && html`<div class="choices" role="menu" aria-label=${label}>
      ${choices.map(({ name, key, choose }) => html`<button role="menuitem" onClick=${() => (close(), choose())}>${name}${key && html`<kbd>${key}</kbd>`}</button>`)}
    </div>`}
  </div>`;
}

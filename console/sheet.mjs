// A sheet beside the view: focus stays in it, Esc closes it, and focus returns to where it came from.
// It knows no content.
import { html, useLayoutEffect, useRef } from "./html.mjs";
import { Icon } from "./shapes.mjs";

/** `step(1 | -1)` goes to the next or the previous one; without it there are no arrows. */
export function Sheet({ label, head, close, step, children }) {
  const dialog = useRef(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    dialog.current.showModal();
    return () => before?.isConnected && before.focus();
  }, []);
  const cancel = (event) => {
    event.preventDefault();
    close();
  };
  const onClick = (event) => event.target === dialog.current && close();
  return html`<dialog class="sheet" ref=${dialog} aria-label=${label} onCancel=${cancel} onClick=${onClick}>
    <header><div class="words-of">${head}</div>
      ${step && html`<button class="plain round" aria-label="Previous" onClick=${() => step(-1)}><${Icon} name="up" /></button>
        <button class="plain round" aria-label="Next" onClick=${() => step(1)}><${Icon} name="down" /></button>`}
      <button class="plain round" aria-label="Close" onClick=${close}><${Icon} name="close" /></button>
    </header>
    <div class="content" tabindex="0" role="group" aria-label="Details">${children}</div>
  </dialog>`;
}

// What every view is made with: Preact and htm, values that several parts of the page show, texts that
// others wrote, and what the browser keeps. It knows no view, and nothing of what the values mean.
import { Fragment, h, render } from "./vendor/preact.mjs";
import { useLayoutEffect, useState } from "./vendor/hooks.mjs";
import htm from "./vendor/htm.mjs";

export { Fragment, render };
export { useCallback, useEffect, useErrorBoundary, useLayoutEffect, useMemo, useReducer, useRef, useState } from "./vendor/hooks.mjs";

/** Markup as a tagged template: html`<p>${text}</p>`. Values become text nodes, never markup. */
export const html = htm.bind(h);

/** A value with listeners. */
export function createStore(value) {
  const listeners = new Set();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener(value);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The value of a store, for a component. */
export function useStore(store) {
  const [, draw] = useState(null);
  useLayoutEffect(() => store.subscribe(() => draw({})), [store]);
  return store.get();
}

/** The request that the view shows, for the bar at the foot: `{ method, path, pages }`. */
export const shown = createStore(null);

/** Reports a minute as the view measured them, or null. */
export const rate = createStore(null);

/** Shows a request in the bar at the foot for as long as a component is on the page. */
export function useShown(method, path, pages = true) {
  useLayoutEffect(() => shown.set({ method, path, pages }), [method, path, pages]);
}

/** The list from which a sheet was opened: `neighbour(id, step)` is the id of another row, or null. */
export const listed = createStore(null);

/** Tells a sheet of the list on the page. */
export function useListed(neighbour, key) {
  useLayoutEffect(() => {
    listed.set({ neighbour });
    return () => listed.set(null);
  }, [key]);
}

// Controls, signs without a form of their own, and halves of characters. A joiner between emoji, or
// in a script that writes with joiners, belongs to the word.
const UNSEEN = /(?<![\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Script=Arabic}])\p{Join_Control}|(?![\t\n\r]|\p{Join_Control})[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * A text with its controls and the characters that change its direction made visible: with them a name
 * could look like another one. Tabs and line breaks stay.
 */
export function visible(text) {
  return (text ?? "").replace(UNSEEN, (sign) => `⟨U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);
}

/** A name, or what is shown in place of one that is empty or blank. */
export const named = (name, other = "(no name)") => visible(name).trim() || visible(other);

/** A name whose parts may be on different lines: it may break after a dot, and before an at sign. */
export const parted = (name) => name.split(/(?<=\.)|(?=@)/).map((part) => html`${part}<wbr />`);

/** `localStorage` or `sessionStorage` by its name, or null where the browser keeps nothing for this page. */
export function browserStore(name) {
  try {
    return globalThis[name];
  } catch {
    return null;
  }
}

// Values that several parts of the page show: whoever shows one is drawn again when it changes.
// It knows nothing of what the values mean.
import { useLayoutEffect, useState } from "./html.mjs";

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

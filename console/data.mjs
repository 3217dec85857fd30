// Reading for a component: it is aborted when the component leaves the page, and repeated while the
// page is visible. It knows no view.
import { useEffect, useRef, useState } from "./html.mjs";
import { batch, get } from "./graph.mjs";

// How often a view asks again, in milliseconds: while something changes, and at the least.
const SOON = 5_000;
const LATE = 60_000;
const MINUTE = 60_000;

/**
 * Reads what `read(signal)` returns: `{ value, error, isLoading }`. It is read again when `key` or `turn`
 * changes; with another turn of the same key, the old value stays until the new one is there.
 */
export function useReading(key, read, turn = 0) {
  const [state, setState] = useState({ key, value: null, error: null, isLoading: true });
  useEffect(() => {
    const abort = new AbortController();
    setState((old) => ({ key, value: old.key === key ? old.value : null, error: null, isLoading: true }));
    read(abort.signal).then(
      (value) => setState({ key, value, error: null, isLoading: false }),
      (error) => abort.signal.aborted || setState({ key, value: null, error, isLoading: false }),
    );
    return () => abort.abort(new DOMException("The view is gone.", "AbortError"));
  }, [key, turn]);
  return state.key === key ? state : { value: null, error: null, isLoading: true };
}

/** Reads a path: `{ value, error, isLoading }`. A path of null is not read. */
export function useGet(path) {
  return useReading(path, async (signal) => (path === null ? null : (await get(path, { signal })).data));
}

/** Reads several paths in batches: `{ value: [{ status, data, error }], error, isLoading }`. */
export function useBatch(paths) {
  return useReading(paths.join("\n"), (signal) => batch(paths, { signal }));
}

/**
 * Calls `ask(signal)` again and again while the page is visible: every five seconds, ever later while
 * it returns false, since nothing changed. It begins anew when `key` changes.
 */
export function usePolling(key, ask) {
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    const abort = new AbortController();
    let [timer, pause] = [null, SOON];
    const next = () => {
      clearTimeout(timer);
      // Spread, so that the tabs of many people do not ask at the same time.
      if (!document.hidden) timer = setTimeout(turn, pause * (0.9 + Math.random() * 0.2));
    };
    const turn = async () => {
      try {
        const changed = await latest.current(abort.signal);
        pause = changed ? SOON : Math.min(pause * 2, LATE);
      } catch {
        pause = Math.min(pause * 2, LATE);
      }
      if (!abort.signal.aborted) next();
    };
    const seen = () => ((pause = SOON), next());
    document.addEventListener("visibilitychange", seen);
    next();
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
      abort.abort(new DOMException("The view is gone.", "AbortError"));
    };
  }, [key]);
}

/** Measures how many a minute come in: a function that takes each count, and gives the pace of the last minute, or null. */
export function pace() {
  const counts = [];
  return (count) => {
    const now = performance.now();
    counts.push({ count, at: now });
    while (counts.length > 2 && now - counts[0].at > MINUTE) counts.shift();
    const [first] = counts;
    return counts.length < 2 ? null : Math.max(Math.round(((count - first.count) / (now - first.at)) * MINUTE), 0);
  };
}

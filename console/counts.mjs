// How many scripts, devices and the like there are, for the sections. The views that count set them.
import { createStore } from "./store.mjs";

/** Numbers by the ids of sections. */
export const counts = createStore({});

/** Sets some of the numbers. */
export function setCounts(changes) {
  const old = counts.get();
  if (Object.entries(changes).some(([id, number]) => old[id] !== number)) counts.set({ ...old, ...changes });
}

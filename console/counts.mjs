// How many scripts, devices and the like there are, for the sections. The views that count set them.
import { DEVICES, FAMILIES, familyPath } from "./families.mjs";
import { batch } from "./graph.mjs";
import { createStore } from "./store.mjs";

/** Numbers by the ids of sections. */
export const counts = createStore({});

/** Counts scripts and devices, for a page that begins with another view. */
export async function readCounts(signal) {
  const replies = await batch([`${DEVICES}/$count`, ...FAMILIES.map((family) => `${familyPath(family)}/$count`)], { signal });
  const [devices, ...scripts] = replies.map(({ data, error }) => (error ? NaN : Number(data)));
  const all = scripts.reduce((sum, count) => sum + count, 0);
  setCounts(Object.fromEntries(Object.entries({ devices, scripts: all }).filter(([, count]) => !Number.isNaN(count))));
}

/** Sets some of the numbers. */
export function setCounts(changes) {
  const old = counts.get();
  if (Object.entries(changes).some(([id, number]) => old[id] !== number)) counts.set({ ...old, ...changes });
}

// How all scripts are doing: their counts by kind of state, and their reports over the last day. One
// batch gives the counts, however many scripts there are. It knows no component.
import { DEVICES, FAMILIES, familyPath } from "./families.mjs";
import { batch as sendBatch, get } from "./graph.mjs";
import { createStore } from "./html.mjs";
import { requestOf } from "./route.mjs";
import { FAILURES } from "./shapes.mjs";
import { session } from "./sign_in.mjs";
import { instant, literal, startOfDay } from "./time.mjs";

/** The `$select` of scripts in lists. */
const SELECT = "id,displayName,fileName";
// The rest of the states has succeeded.
const COUNTED = ["fail", "scriptError", "pending", "notApplicable", "unknown"];
// Twelve bars of two hours.
const BARS = 12;
const BAR = 2 * 3_600_000;
const HOUR = 3_600_000;

const newest = "deviceRunStates($count=true;$top=1;$orderby=lastStateUpdateDateTime desc;$select=lastStateUpdateDateTime)";
const numberOf = (filter) => `deviceRunStates($count=true;$top=0;$filter=${filter})`;

// The annotations of each script's states would be longer than the counts.
const HEADERS = { Accept: "application/json;odata.metadata=none" };
const batch = (paths, options) => sendBatch(paths, { ...options, headers: HEADERS });

/** The request of the scripts of a family, as the view shows it. */
export function scriptsRequest(family, filter) {
  return requestOf(familyPath(family), { $select: SELECT, $expand: newest, $filter: filter, $orderby: "displayName" });
}

/**
 * The scripts of families with their counts, and the devices by their systems: `{ scripts, devices }`. One
 * batch is enough for it. `known` are devices that were counted before, since no counter has them.
 */
export async function readScripts(families, filter, signal, known = null) {
  const lists = families.map((family) => scriptsRequest(family, filter));
  const kinds = families.flatMap((family) => COUNTED.map((kind) => counting(family, filter, `runState eq '${kind}'`)));
  const systems = (known ? [] : ["Windows", "macOS"]).map((system) => requestOf(`${DEVICES}/$count`, { $filter: `operatingSystem eq '${system}'` }));
  const replies = await batch([...lists, ...systems, ...kinds], { signal });
  const failed = replies.find(({ error }) => error);
  if (failed) throw failed.error;
  const [windows, mac] = replies.slice(lists.length).map(({ data }) => Number(data));
  const scripts = new Map();
  for (const [at, family] of families.entries()) {
    for (const entity of await whole(replies[at].data, signal)) scripts.set(entity.id, scriptOf(entity, family));
  }
  const counts = replies.slice(lists.length + systems.length);
  for (const [at, { data }] of counts.entries()) {
    for (const entity of await whole(data, signal)) setCount(scripts.get(entity.id), COUNTED[at % COUNTED.length], totalOf(entity));
  }
  return { scripts: [...scripts.values()].map(withSuccess), devices: known ?? { Windows: windows, macOS: mac } };
}

/**
 * The last day: `{ reports, devices }`. `reports` is a Map by the ids of scripts of `{ bars, hour, failed }`:
 * the states of the last hour, and the failures since yesterday. `devices` is the number of all devices.
 */
export async function readDay(families, filter, now, signal) {
  const since = (at) => `lastStateUpdateDateTime ge ${literal(at)}`;
  const yesterday = since(startOfDay(startOfDay(now) - 1));
  const asked = Array.from({ length: BARS }, (_, at) => {
    const from = now - (BARS - at) * BAR;
    return `${since(from)} and lastStateUpdateDateTime lt ${literal(from + BAR)}`;
  });
  // One kind of failure in a time is served by an index; both at once are not.
  asked.push(since(now - HOUR), ...FAILURES.map((kind) => `runState eq '${kind}' and ${yesterday}`));
  const counted = families.flatMap((family) => asked.map((condition) => counting(family, filter, condition)));
  const [devices, ...replies] = await batch([`${DEVICES}/$count`, ...counted], { signal });
  const reports = new Map();
  for (const [at, { data }] of replies.entries()) {
    if (!data) continue;
    for (const entity of await whole(data, signal)) {
      const found = reports.get(entity.id) ?? { bars: Array(BARS).fill(0), hour: 0, failed: 0 };
      const number = at % asked.length;
      if (number < BARS) found.bars[number] = totalOf(entity);
      else found[number === BARS ? "hour" : "failed"] += totalOf(entity);
      reports.set(entity.id, found);
    }
  }
  return { reports, devices: Number(devices.data) };
}

/** The families of a view: one, or all. */
export const familiesOf = (family, isAll) => (isAll ? FAMILIES : [family]);

function counting(family, filter, condition) {
  return requestOf(familyPath(family), { $select: "id", $expand: numberOf(condition), $filter: filter });
}

// A family of more than a thousand scripts has several pages.
async function whole(page, signal) {
  const entities = [...page.value];
  for (let next = page["@odata.nextLink"]; next;) {
    const { data } = await get(next, { signal, headers: HEADERS });
    entities.push(...data.value);
    next = data["@odata.nextLink"];
  }
  return entities;
}

const totalOf = (entity) => entity["deviceRunStates@odata.count"];

function scriptOf(entity, family) {
  const last = instant(entity.deviceRunStates[0]?.lastStateUpdateDateTime);
  return { id: entity.id, name: entity.displayName ?? "", file: entity.fileName, family, total: totalOf(entity), last, counts: {} };
}

// A script may have been created between two requests of the batch.
function setCount(script, kind, count) {
  if (script) script.counts[kind] = count;
}

function withSuccess(script) {
  const others = COUNTED.reduce((sum, kind) => sum + (script.counts[kind] ?? 0), 0);
  const failing = FAILURES.reduce((sum, kind) => sum + (script.counts[kind] ?? 0), 0);
  return { ...script, failing, counts: { success: Math.max(script.total - others, 0), ...script.counts } };
}

/** How many scripts, devices and the like there are: numbers by the ids of sections. The views that count set them. */
export const counts = createStore({});

// Another tenant has other numbers.
let tenant;
session.subscribe((signedIn) => {
  if (signedIn.tenant !== tenant) counts.set({});
  tenant = signedIn.tenant;
});

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
  if (Object.entries(changes).some(([id, number]) => !Object.is(old[id], number))) counts.set({ ...old, ...changes });
}

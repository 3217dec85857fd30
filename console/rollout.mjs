// How far a script has come: counts by kind, arrivals over time, and when the rest will be in. It knows
// no component.
import { DEVICES } from "./families.mjs";
import { batch } from "./graph.mjs";
import { requestOf } from "./route.mjs";
import { FAILURES, STATES } from "./shapes.mjs";
import { instant, literal } from "./time.mjs";

const SLICES = 16;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
// An older beginning would make the curve a wall: what came before is in its first point.
const LONGEST = 14 * 24 * HOUR;

/** The paths of the counts of a script, in the order that `countsOf` expects. */
export function countPaths(path) {
  const kinds = STATES.filter((state) => state !== "success");
  const filters = kinds.map((kind) => requestOf(`${path}/deviceRunStates/$count`, { $filter: `runState eq '${kind}'` }));
  return [`${path}/deviceRunStates/$count`, ...filters];
}

/** Counts by kind, and their total. */
export function countsOf(replies) {
  const failed = replies.find(({ error }) => error);
  if (failed) throw failed.error;
  const [total, ...others] = replies.map(({ data }) => Number(data));
  const kinds = STATES.filter((state) => state !== "success");
  const counts = Object.fromEntries(kinds.map((kind, at) => [kind, others[at]]));
  counts.success = Math.max(total - others.reduce((sum, count) => sum + count, 0), 0);
  return { counts, total, failing: FAILURES.reduce((sum, kind) => sum + counts[kind], 0) };
}

/** The counts of a script: `{ counts, total, failing }`. */
export async function readCounts(path, signal) {
  return countsOf(await batch(countPaths(path), { signal }));
}

/** How many devices there are for a script. */
export async function readFleet(system, signal) {
  const [reply] = await batch([requestOf(`${DEVICES}/$count`, { $filter: `operatingSystem eq '${system}'` })], { signal });
  if (reply.error) throw reply.error;
  return Number(reply.data);
}

/**
 * The arrivals of a script: `{ points, pace, newest }`, or null without a state. `points` are
 * `{ at, count, failed }`, where `failed` are those with `fail`; `pace` is reports a minute.
 */
export async function readCurve(path, now, signal) {
  const states = `${path}/deviceRunStates`;
  const edge = (order) => requestOf(states, { $select: "lastStateUpdateDateTime", $orderby: `lastStateUpdateDateTime ${order}`, $top: 1 });
  const edges = await batch([edge("asc"), edge("desc")], { signal });
  const [oldest, newest] = edges.map(({ data }) => instant(data?.value[0]?.lastStateUpdateDateTime));
  if (Number.isNaN(oldest) || Number.isNaN(newest)) return null;
  const from = Math.max(oldest, newest - LONGEST);
  const to = Math.max(newest, Math.min(now, newest + HOUR), from + MINUTE);
  const step = (to - from) / SLICES;
  const count = (filter) => requestOf(`${states}/$count`, { $filter: filter });
  const slices = Array.from({ length: SLICES }, (_, at) => {
    const since = at === 0 ? "" : `lastStateUpdateDateTime ge ${literal(from + at * step)}`;
    const until = at === SLICES - 1 ? "" : `lastStateUpdateDateTime lt ${literal(from + (at + 1) * step)}`;
    return [since, until].filter(Boolean).join(" and ");
  });
  const failed = slices.map((slice) => count(`runState eq 'fail' and ${slice}`));
  const paths = [count(`lastStateUpdateDateTime ge ${literal(now - 10 * MINUTE)}`), ...slices.map(count), ...failed];
  const replies = await batch(paths, { signal });
  const broken = replies.find(({ error }) => error);
  if (broken) throw broken.error;
  const [latest, ...numbers] = replies.map(({ data }) => Number(data));
  let [sum, failing] = [0, 0];
  const points = slices.map((_, at) => {
    sum += numbers[at];
    failing += numbers[SLICES + at];
    return { at: from + (at + 1) * step, count: sum, failed: failing };
  });
  return { points: [{ at: from, count: 0, failed: 0 }, ...points], pace: latest / 10, newest };
}

/** When the rest will have reported at this pace, or NaN where nobody can tell. */
export function endOf(total, fleet, pace, now) {
  const rest = fleet - total;
  return rest > 0 && pace >= 1 ? now + (rest / pace) * MINUTE : NaN;
}

/** Ticks below a curve, some five of them: full hours, and midnights by their day: `{ at, text, isDay }`. */
export function ticksOf(points, clock, day) {
  const [first, last] = [points[0].at, points.at(-1).at];
  const steps = [HOUR / 4, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 48 * HOUR, 96 * HOUR];
  const step = steps.find((length) => (last - first) / length <= 6) ?? LONGEST;
  const ticks = [];
  const offset = new Date(first).getTimezoneOffset() * MINUTE;
  for (let at = Math.ceil((first - offset) / step) * step + offset; at <= last; at += step) {
    const isDay = clock(at) === "00:00" || step >= 24 * HOUR;
    ticks.push({ at, text: isDay ? day(at) : clock(at), isDay });
  }
  return ticks;
}

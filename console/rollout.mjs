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
// A curve of more states would cost the database more than all other requests of the page.
const MOST = 200_000;
const RECENT = 10 * MINUTE;
// A page that stays open has the older half of its points less and less dense.
const POINTS = 256;

/** The counts of a script: `{ counts, total, failing }`. */
export async function readCounts(path, signal) {
  const kinds = STATES.filter((state) => state !== "success");
  const count = `${path}/deviceRunStates/$count`;
  const [total, ...others] = await valuesOf([count, ...kinds.map((kind) => requestOf(count, { $filter: `runState eq '${kind}'` }))], signal);
  const counts = Object.fromEntries(kinds.map((kind, at) => [kind, others[at]]));
  counts.success = Math.max(total - sum(others), 0);
  return { counts, total, failing: FAILURES.reduce((all, kind) => all + counts[kind], 0) };
}

/** How many devices there are for a script. */
export async function readFleet(system, signal) {
  const [count] = await valuesOf([requestOf(`${DEVICES}/$count`, { $filter: `operatingSystem eq '${system}'` })], signal);
  return count;
}

/**
 * The arrivals of a script with these counts: `{ points, pace, newest }`, or null without a state. `points`
 * are `{ at, count, failed }`, where `failed` are those with `fail`; `pace` is reports a minute.
 */
export async function readCurve(path, { counts, total }, now, signal) {
  const states = `${path}/deviceRunStates`;
  const edge = (order) => requestOf(states, { $select: "lastStateUpdateDateTime", $orderby: `lastStateUpdateDateTime ${order}`, $top: 1 });
  const edges = await valuesOf([edge("asc"), edge("desc")], signal);
  const [oldest, newest] = edges.map(({ value }) => instant(value[0]?.lastStateUpdateDateTime));
  if (Number.isNaN(oldest) || Number.isNaN(newest)) return null;
  const count = (filter) => requestOf(`${states}/$count`, { $filter: filter });
  const since = (at) => `lastStateUpdateDateTime ge ${literal(at)}`;
  const [recent, latest] = await valuesOf([newest, now].map((at) => count(since(at - RECENT))), signal);
  const whole = Math.min(newest - oldest, LONGEST);
  // As much time as MOST states take, at the pace of the latest or of all, whichever is faster.
  const span = total <= MOST ? whole : Math.min(whole, MOST / Math.max(recent / RECENT, total / (newest - oldest + 1)));
  const from = Math.round(newest - span);
  const to = Math.max(newest, Math.min(now, newest + HOUR), from + MINUTE);
  const step = (to - from) / SLICES;
  const slices = Array.from({ length: SLICES }, (_, at) => {
    const until = at === SLICES - 1 ? "" : ` and lastStateUpdateDateTime lt ${literal(from + (at + 1) * step)}`;
    return since(from + at * step) + until;
  });
  const numbers = await valuesOf([...slices, ...slices.map((slice) => `runState eq 'fail' and ${slice}`)].map(count), signal);
  const [all, failed] = [numbers.slice(0, SLICES), numbers.slice(SLICES)];
  // The first point has what came before.
  const points = [{ at: from, count: Math.max(total - sum(all), 0), failed: Math.max(counts.fail - sum(failed), 0) }];
  for (const [at, number] of all.entries()) {
    const before = points[at];
    points.push({ at: from + (at + 1) * step, count: before.count + number, failed: before.failed + failed[at] });
  }
  return { points, pace: latest / (RECENT / MINUTE), newest };
}

/** A curve that goes on with the counts of the present. */
export function extended(curve, { counts, total }, now) {
  const last = curve.points.at(-1);
  if (total === last.count && counts.fail === last.failed) return curve;
  const kept = curve.points.length < POINTS ? curve.points : curve.points.filter((_, at) => at % 2 === 0);
  const newest = total > last.count ? now : curve.newest;
  return { ...curve, newest, points: [...kept, { at: Math.max(now, last.at), count: total, failed: counts.fail }] };
}

async function valuesOf(paths, signal) {
  const replies = await batch(paths, { signal });
  const failed = replies.find(({ error }) => error);
  if (failed) throw failed.error;
  return replies.map(({ data }) => (typeof data === "object" ? data : Number(data)));
}

const sum = (numbers) => numbers.reduce((all, number) => all + number, 0);

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

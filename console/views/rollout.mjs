// The card that answers how far a script has come: a sentence, the curve, and the counts by kind, each of
// which leads to its states.
import { html, rate, useRef, useStore } from "../html.mjs";
import { grouped, percent } from "../chart.mjs";
import { Curve } from "../curve.mjs";
import { useReading } from "../data.mjs";
import { endOf, extended, readCurve, ticksOf } from "../rollout.mjs";
import { address } from "../route.mjs";
import { STATES, StateShape, inWords } from "../shapes.mjs";
import { clock, date, moment, present } from "../time.mjs";

export function Rollout({ path, family, numbers }) {
  const [curve, isLoading] = useCurve(path, numbers.value);
  const live = useStore(rate);
  if (!numbers.value) return html`<section class="card rollout loading"><div class="rise-of"><span class="skeleton short"></span></div><div class="legend"></div></section>`;
  const { counts, total, fleet } = numbers.value;
  const devices = family.system === "Windows" ? "Windows devices" : "Macs";
  return html`<section class="card rollout" aria-label="Roll-out">
    <div class="rise-of">
      <h2>${fleet === 0 ? `There are no ${devices}` : total === 0 ? `None of ${grouped(fleet)} ${devices} has reported` : html`<span class="number">${grouped(total)} of ${grouped(fleet)}</span> ${devices} have reported`}</h2>
      <p class="muted number">${sentence(numbers.value, live, curve)}</p>
      ${isLoading && html`<div class="curve"><span class="skeleton"></span></div>`}
      ${curve && html`<${Curve} points=${curve.points} total=${fleet} ticks=${ticksOf(curve.points, clock, (at) => date(at, present()).replace(/ [A-Z]\w\w$/, ""))} label=${`Reports over time: ${inWords(counts, fleet)}`} />`}
    </div>
    <ul class="legend">${STATES.filter((state) => counts[state] > 0 || (total > 0 && state !== "unknown")).map((state) => html`<li><a href=${address(`${path}/deviceRunStates`, { $filter: `runState eq '${state}'` }, { tab: "devices" })}>
      <${StateShape} state=${state} /><span>${state}</span><strong class="number">${grouped(counts[state])}</strong><span class="muted number">${percent(counts[state], fleet)}</span></a></li>`)}
      ${fleet > total && html`<li><span class="entry"><${StateShape} state="missing" /><span>not reported</span><strong class="number">${grouped(fleet - total)}</strong><span class="muted number">${percent(fleet - total, fleet)}</span></span></li>`}</ul>
  </section>`;
}

// The curve, and whether it is being read. It is read once, and goes on with the counts that the page reads anyway.
function useCurve(path, numbers) {
  const isThere = numbers !== null && numbers.total > 0;
  const { value, isLoading } = useReading(`curve ${path} ${isThere}`, async (signal) => (isThere ? readCurve(path, numbers, present(), signal) : null));
  const drawn = useRef({ read: null, curve: null });
  if (drawn.current.read !== value) drawn.current = { read: value, curve: value };
  if (value) drawn.current.curve = extended(drawn.current.curve, numbers, present());
  return [drawn.current.curve, isThere && isLoading];
}

function sentence({ counts, total, fleet }, live, curve) {
  const now = present();
  const pace = live ?? curve?.pace ?? 0;
  const parts = [];
  if (pace >= 1) parts.push(`${grouped(Math.round(pace))} a minute now.`);
  const end = endOf(total, fleet, pace, now);
  if (!Number.isNaN(end) && end - now < 7 * 86_400_000) parts.push(`At this pace the rest is in by about ${moment(end, now).replace(/^today /, "")}.`);
  if (counts.pending > 0) parts.push(`${grouped(counts.pending)} ${counts.pending === 1 ? "has" : "have"} fetched it and ${counts.pending === 1 ? "is" : "are"} pending.`);
  if (parts.length === 0 && curve) parts.push(`The last report came ${moment(curve.newest, now)}.`);
  return parts.join(" ") || " ";
}

// Charts as SVG: a ribbon of states, bars of reports, and the curve of a roll-out. Each has a text for
// those who do not see it. It knows no request.
import { html } from "./html.mjs";
import { STATES, inWords } from "./shapes.mjs";

/** The shares of states in one line, against `total`: what is missing stays empty. */
export function Ribbon({ counts, total }) {
  const all = Math.max(total, STATES.reduce((sum, state) => sum + (counts[state] ?? 0), 0), 1);
  const present = STATES.filter((state) => counts[state] > 0);
  let from = 0;
  const parts = present.map((state) => {
    // A single failure among many thousands is to be seen.
    const width = Math.max((counts[state] / all) * 1000, 5);
    const part = html`<rect class=${`bar-${state}`} x=${from} y="0" width=${Math.max(width - 2, 3)} height="10" />`;
    from += width;
    return part;
  });
  return html`<svg class="ribbon" role="img" aria-label=${inWords(counts, total)} viewBox=${`0 0 ${Math.max(1000, from)} 10`} preserveAspectRatio="none">
    <rect class="bar-missing" x="0" y="0" width=${Math.max(1000, from)} height="10" />${parts}
  </svg>`;
}

/** Bars over time: the last is the present. `label` says what they count. */
export function Bars({ values, label, kind = "reports", width = 106, height = 28 }) {
  const most = Math.max(...values, 1);
  const step = width / values.length;
  const bars = values.map((value, at) => {
    const tall = value === 0 ? 1 : Math.max((value / most) * (height - 2), 2);
    const last = at === values.length - 1 ? " last" : "";
    return html`<rect class=${`${value === 0 ? "none" : kind}${last}`} x=${(at * step).toFixed(1)} y=${(height - tall).toFixed(1)} width=${Math.max(step - 1, 1).toFixed(1)} height=${tall.toFixed(1)} />`;
  });
  return html`<svg class="bars" role="img" aria-label=${label} width=${`${width / 16}rem`} height=${`${height / 16}rem`} viewBox=${`0 0 ${width} ${height}`}>${bars}</svg>`;
}

/**
 * How many have reported over time: `points` are `{ at, count, failed }`, sorted; `total` is the
 * dashed line of all devices; `ticks` are
 * `{ at, text, isDay }`.
 */
export function Curve({ points, total, ticks, label }) {
  const [width, height, foot] = [700, 104, 20];
  const [first, last] = [points[0], points.at(-1)];
  const most = Math.max(total, last.count, 1);
  const x = (at) => ((at - first.at) / Math.max(last.at - first.at, 1)) * (width - 6);
  const y = (count) => height - (count / most) * (height - 8);
  const line = (value) => points.map((point) => `${x(point.at).toFixed(1)},${y(value(point)).toFixed(1)}`).join(" L");
  const area = (value) => `M0,${height} L${line(value)} L${x(last.at).toFixed(1)},${height} Z`;
  const levels = [most, (most * 2) / 3, most / 3, 0].map(Math.round);
  return html`<div class="curve">
    <svg role="img" aria-label=${label} viewBox=${`0 0 ${width} ${height + foot}`} preserveAspectRatio="none">
      ${levels.map((level, at) => html`<path class=${at ? "grid" : "grid goal"} d=${`M0,${y(level)} H${width}`} />`)}
      ${ticks.filter(({ isDay }) => isDay).map(({ at }) => html`<path class="grid goal" d=${`M${x(at).toFixed(1)},0 V${height}`} />`)}
      <path class="area" d=${area((point) => point.count)} />
      <path class="rise" d=${`M${line((point) => point.count)}`} />
      <path class="failed" d=${area((point) => point.failed)} />
    </svg>
    <div class="levels" aria-hidden="true">${levels.map((level) => html`<span style=${{ top: `${(y(level) / (height + foot)) * 100}%` }}>${compact(level)}</span>`)}</div>
    <div class="ticks" aria-hidden="true">${ticks.map(({ at, text, isDay }) => html`<span class=${isDay ? "day" : ""} style=${{ left: `max(1.25rem, ${(x(at) / width) * 100}%)` }}>${text}</span>`)}</div>
  </div>`;
}

/** A number in few characters: `48.9 k`. */
export function compact(number) {
  if (number < 10_000) return number.toLocaleString("en");
  const [value, unit] = number < 1_000_000 ? [number / 1000, "k"] : [number / 1_000_000, "M"];
  return `${value < 100 ? value.toFixed(1).replace(/\.0$/, "") : Math.round(value)} ${unit}`;
}

/** A share in percent: `6.1 %`, `60 %`, `0 %`. It does not break between two lines. */
export function percent(part, whole) {
  if (!whole || !part) return "0\u00a0%";
  const share = (part / whole) * 100;
  if (share < 0.1) return "<\u00a00.1\u00a0%";
  return `${share < 10 ? share.toFixed(1) : Math.round(share)}\u00a0%`;
}

/** A number with its thousands apart. */
export const grouped = (number) => number.toLocaleString("en");

/** A number with a noun: `1 device`, `1,204 devices`. */
export const counted = (number, noun) => `${grouped(number)} ${noun}${number === 1 ? "" : "s"}`;

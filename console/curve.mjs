// The curve of a roll-out as SVG, with a text for those who do not see it. It knows no request.
import { html } from "./html.mjs";

/**
 * How many have reported over time: `points` are `{ at, count, failed }`, sorted; `total` is the
 * dashed line of all devices; `ticks` are `{ at, text, isDay }`.
 */
export function Curve({ points, total, ticks, label }) {
  const [width, height, foot] = [700, 104, 20];
  const [first, last] = [points[0], points.at(-1)];
  const most = Math.max(total, last.count, 1);
  const x = (at) => ((at - first.at) / Math.max(last.at - first.at, 1)) * (width - 6);
  const y = (count) => height - (count / most) * (height - 8);
  const line = (value) => points.map((point) => `${x(point.at).toFixed(1)},${y(value(point)).toFixed(1)}`).join(" L");
  const area = (value) => `M0,${height} L${line(value)} L${x(last.at).toFixed(1)},${height} Z`;
  // Of three devices or fewer, each has a line.
  const levels = [...new Set([most, (most * 2) / 3, most / 3, 0].map(Math.round))];
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

// A number in few characters: `48.9 k`.
function compact(number) {
  if (number < 10_000) return number.toLocaleString("en");
  const [value, unit] = number < 1_000_000 ? [number / 1000, "k"] : [number / 1_000_000, "M"];
  return `${value < 100 ? value.toFixed(1).replace(/\.0$/, "") : Math.round(value)} ${unit}`;
}

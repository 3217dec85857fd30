// Charts as SVG, a ribbon of states and bars of reports, each with a text for those who do not see it; and
// numbers as people read them. It knows no request.
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

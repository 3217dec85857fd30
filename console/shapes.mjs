// Shapes: icons, the mark of the product, and the run states, each of which has a colour and a shape, so
// that nobody has to tell colours apart. It knows no request.
import { html } from "./html.mjs";

// Sizes grow with the text that the user chose.
const rem = (pixels) => `${pixels / 16}rem`;

const ICONS = {
  script: "M5 1.8h6.2L15 5.6v12.6H5zM11 2v4h4M7.5 10h5M7.5 13h5",
  document: "M5 1.8h6.2L15 5.6v12.6H5zM11 2v4h4M7.5 10h5M7.5 13h5",
  laptop: "M4 4h12v9H4zM1.5 16h17",
  user: "M10 10a3.6 3.6 0 1 0 0-7.2 3.6 3.6 0 0 0 0 7.2zM3.5 17.5c.4-4 3-5.2 6.5-5.2s6.1 1.2 6.5 5.2",
  code: "M6.5 5L1.8 10l4.7 5M13.5 5l4.7 5-4.7 5",
  search: "M8.6 14.2a5.6 5.6 0 1 0 0-11.2 5.6 5.6 0 0 0 0 11.2zM12.8 12.8L17.5 17.5",
  copy: "M7 7h10v10H7zM13 7V3H3v10h4",
  theme: "M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15zM10.5 3v14M12 3v14M13.5 4v12M15 5v10M16.5 7v6",
  close: "M5 5l10 10M15 5L5 15",
  up: "M4.5 12.5L10 7l5.5 5.5",
  down: "M4.5 7.5L10 13l5.5-5.5",
  back: "M12.5 4.5L7 10l5.5 5.5",
  download: "M10 3v10M5.5 9L10 13.5 14.5 9M3.5 17h13",
  shield: "M10 2l6.5 2.5V9c0 4.5-2.7 7.3-6.5 9-3.8-1.7-6.5-4.5-6.5-9V4.5z",
  flask: "M7.5 2.5h5M8.5 2.5v5L3.8 15.6a1.3 1.3 0 0 0 1.1 1.9h10.2a1.3 1.3 0 0 0 1.1-1.9L11.5 7.5v-5M6 12.5h8",
  plug: "M7 2.5v4M13 2.5v4M5 6.5h10v3a5 5 0 0 1-10 0zM10 14.5v3.5",
};

/** An icon beside a text, or within a button that has a name. */
export function Icon({ name, size = 18 }) {
  return html`<svg class="icon" width=${rem(size)} height=${rem(size)} viewBox="0 0 20 20" aria-hidden="true"><path d=${ICONS[name]} /></svg>`;
}

/** The mark of the product: the ribbon. */
export function Logo() {
  return html`<svg class="logo" width=${rem(22)} height=${rem(16)} viewBox="0 0 22 16" aria-hidden="true">
    <rect class="bar-success" x="1" y="1" width="20" height="4" rx="2" /><rect class="bar-accent" x="1" y="6.5" width="13" height="4" rx="2" />
    <rect class="bar-fail" x="15.5" y="6.5" width="5.5" height="4" rx="2" /><rect class="bar-notApplicable" x="1" y="12" width="8" height="4" rx="2" />
  </svg>`;
}

/** The states in the order of a ribbon. The names are Graph's own. */
export const STATES = ["success", "fail", "scriptError", "notApplicable", "pending", "unknown"];

/** The states that count as failures. */
export const FAILURES = ["fail", "scriptError"];

const SHAPES = {
  success: html`<circle class="fill" cx="8" cy="8" r="7" /><path class="mark" d="M4.8 8.3l2.2 2.2 4.2-4.6" />`,
  fail: html`<path class="fill" d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z" /><path class="mark" d="M5.6 5.6l4.8 4.8m0-4.8l-4.8 4.8" />`,
  scriptError: html`<path class="fill" d="M8 1.2l7.2 13.2H.8z" /><path class="mark" d="M8 6v4m0 1.8v.4" />`,
  pending: html`<circle class="line dashes" cx="8" cy="8" r="6.4" /><path class="line" d="M8 4.6V8l2.2 1.8" />`,
  notApplicable: html`<circle class="line" cx="8" cy="8" r="6.4" /><path class="line" d="M5 8h6" />`,
  unknown: html`<circle class="line" cx="8" cy="8" r="6.4" /><path class="line" d="M6.2 6.3c.2-2.4 3.8-2.2 3.6.1-.1 1.3-1.8 1.3-1.8 2.8m0 1.8v.4" />`,
  missing: html`<circle class="line dots" cx="8" cy="8" r="6.4" />`,
};

/** The shape of a state, beside which its name is written. */
export function StateShape({ state, size = 16 }) {
  const shape = SHAPES[state] ?? SHAPES.unknown;
  return html`<svg class=${`shape state-${state}`} width=${rem(size)} height=${rem(size)} viewBox="0 0 16 16" aria-hidden="true">${shape}</svg>`;
}

/** The shape with its name. */
export function State({ state }) {
  return html`<span class=${`state text-${state}`}><${StateShape} state=${state} />${state}</span>`;
}

/** How many states of each kind, as a sentence for screen readers. */
export function inWords(counts, total) {
  const named = [...STATES, "missing"].filter((state) => counts[state] > 0);
  const words = named.map((state) => `${counts[state].toLocaleString("en")} ${state === "missing" ? "not reported" : state}`);
  return `${words.join(", ") || "no reports"}${total ? ` of ${total.toLocaleString("en")}` : ""}`;
}

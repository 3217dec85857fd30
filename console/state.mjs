// The six run states: each has a colour and a shape, so that nobody has to tell colours apart. A state
// that nobody reported is the seventh. It knows no request.
import { html } from "./html.mjs";

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
  return html`<svg class=${`shape state-${state}`} width=${size} height=${size} viewBox="0 0 16 16" aria-hidden="true">${shape}</svg>`;
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

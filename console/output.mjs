// One run state whole: when, which code, how many others have it, and what the script printed. It knows
// neither the list nor the page around it.
import { html, useMemo, useState, visible } from "./html.mjs";
import { counted, grouped } from "./chart.mjs";
import { describe } from "./codes.mjs";
import { toClipboard } from "./copy.mjs";
import { useGet } from "./data.mjs";
import { address, literalText, requestOf } from "./route.mjs";
import { errorLine } from "./signature.mjs";
import { FAILURES, State } from "./shapes.mjs";
import { ago, instant, present, whole } from "./time.mjs";

// More than this is shown on demand: a browser lays out a line of a million characters slowly.
const SHOWN = 100_000;

// Why there is no output.
const silence = (runState) => ({ pending: "Fetched, not yet run", notApplicable: "It did not run" })[runState] ?? "It printed nothing";

/**
 * `state` is a run state, or a version of the one with the id `stateId`; `path` is that of its script.
 * `script` is the script's name, and `device` a link to its device, where the view does not say them.
 */
export function Output({ path, script, state, stateId = state.id, device = null }) {
  const { time, offset } = whole(state.lastStateUpdateDateTime);
  const reported = instant(state.lastStateUpdateDateTime);
  const { decimal, hex, name, meaning } = describe(state.errorCode);
  const isFailure = FAILURES.includes(state.runState);
  return html`<div class="output-of">
    <p><${State} state=${state.runState} /></p>
    ${script && html`<h2 class="breaks title"><a href=${address(path)}>${visible(script)}</a></h2>`}
    <dl class="facts-of">
      ${device && html`<div><dt>Device</dt><dd>${device}</dd></div>`}
      <div><dt>Reported</dt><dd class="number">${reported > 0 ? html`${time} <span class="muted">${offset}, ${ago(reported, present())}</span>` : "without a time"}</dd></div>
      ${(isFailure || state.errorCode !== 0) && html`<div><dt>Error code</dt><dd><code>${decimal}${hex && ` = ${hex}`}</code> <span class="muted">${[name, meaning].filter(Boolean).join(", ")}</span></dd></div>`}
      ${isFailure && html`<div><dt>Same error</dt><dd><${Others} path=${path} state=${state} id=${stateId} /></dd></div>`}
      ${state.errorDescription && html`<div><dt>Description</dt><dd class="breaks">${visible(state.errorDescription)}</dd></div>`}
      <div><dt>State id</dt><dd><code class="breaks">${visible(stateId)}</code></dd></div>
    </dl>
    <${Message} text=${state.resultMessage} isFailure=${isFailure} nothing=${silence(state.runState)} />
  </div>`;
}

/** What a run state says in a line. */
export function told({ runState, resultMessage, errorCode, errorDescription }) {
  const line = errorLine(resultMessage || errorDescription || "").slice(0, 200);
  if (line) return visible(line);
  const { decimal, hex, meaning } = describe(errorCode);
  return errorCode ? [hex || decimal, meaning].filter(Boolean).join(", ") : silence(runState);
}

function Others({ path, state, id }) {
  const filter = `runState eq '${state.runState}' and errorCode eq ${state.errorCode} and id ne ${literalText(id)}`;
  const { value } = useGet(requestOf(`${path}/deviceRunStates/$count`, { $filter: filter }));
  if (value === null) return html`<span class="skeleton short"></span>`;
  const count = Number(value);
  if (count === 0) return "no other device";
  return html`<a href=${address(`${path}/deviceRunStates`, { $filter: filter }, { tab: "devices" })}>${counted(count, "other device")}</a>`;
}

/** The text that a script printed: its error in colour, unwrapped first, since columns tell a lot. */
function Message({ text, isFailure, nothing }) {
  const [wraps, setWraps] = useState(false);
  const [note, setNote] = useState("Copy");
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? text : text?.slice(0, SHOWN);
  const marked = useMemo(() => (shown ? lines(shown, isFailure) : []), [shown, isFailure]);
  if (!text) return html`<p class="muted">${nothing}.</p>`;
  const copy = async () => {
    setNote((await toClipboard(text)) ? "Copied" : "Not permitted");
    setTimeout(() => setNote("Copy"), 2000);
  };
  return html`<div class="message">
    <div class="heading"><p><strong>resultMessage</strong> <span class="muted number">${counted([...text].length, "character")}</span></p>
      <div class="actions"><button onClick=${copy} aria-live="polite">${note}</button><button aria-pressed=${String(wraps)} onClick=${() => setWraps(!wraps)}>Wrap</button></div></div>
    <pre class=${`output${wraps ? " wraps" : ""}`} tabindex="0" aria-label="Output">${marked.map(({ line, isError }) => html`<span class=${isError ? "bad" : ""}>${visible(line)}${"\n"}</span>`)}</pre>
    ${shown.length < text.length && html`<button onClick=${() => setWhole(true)}>Show all ${grouped(text.length)} characters</button>`}
  </div>`;
}

// The lines of an output; those of the error record are marked, from its message to its details.
function lines(text, isFailure) {
  const all = text.split(/\r\n|\r|\n/);
  const words = isFailure ? errorLine(text).split(" ").slice(0, 4).join(" ") : "";
  const start = words ? all.findIndex((line) => line.includes(words)) : -1;
  if (start < 0) return all.map((line) => ({ line, isError: false }));
  let end = start + 1;
  let from = all.findIndex((line, at) => at > start && at < start + 9 && DETAIL.test(line));
  while (from >= 0 && from < all.length && (DETAIL.test(all[from]) || isWrapped(all, from))) end = from += 1;
  return all.map((line, at) => ({ line, isError: at >= start && at < end }));
}

const DETAIL = /^At |^\s*\+|^Line \||^\s+\| /;

// The path behind `At ` is cut at the width of the agent's console, and goes on in the next line.
const isWrapped = (all, at) => /^At /.test(all[at - 1]) && /:\d+ char:\d+/.test(all[at]);

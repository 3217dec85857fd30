// What the clients of a test tenant sent: the record, the manners that Graph asks of them, and assertions.
import { html, useEffect, useRef, useShown, useState } from "../html.mjs";
import { counted, grouped } from "../chart.mjs";
import { usePolling } from "../data.mjs";
import { Lines, linesOf } from "../json.mjs";
import { Rows, useNarrow } from "../list.mjs";
import { Empty, Loading, Problem } from "../problem.mjs";
import { address, requestOf } from "../route.mjs";
import { StateShape } from "../shapes.mjs";
import { Sheet } from "../sheet.mjs";
import { clock, duration, instant } from "../time.mjs";
import { call, send, useAction } from "../twin.mjs";
import { ASSERTIONS, MANNERS, METHODS } from "../twin_rules.mjs";

// A reply lists so many requests at most.
const PAGE = 1000;

export function RequestsPart({ path, route, isRecorded }) {
  const method = route.query.method ?? null;
  const { requests, error, manners, again } = useRecord(path, method);
  const [open, setOpen] = useState(null);
  useShown("GET", requestOf(`${path}/requests`, { method }), false);
  const forget = useAction();
  const clear = async () => {
    if (await forget.run(() => call("DELETE", `${path}/requests`))) again();
  };
  if (error && !requests) return html`<${Problem} error=${error} />`;
  if (!requests) return html`<${Loading} rows=${6} label="Loading the requests" />`;
  return html`<${Manners} manners=${manners} />
    <div class="chips"><a class="chip" href=${address(`${path}/requests`)} aria-current=${method === null ? "true" : null}>All</a>
      ${METHODS.map((name) => html`<a key=${name} class="chip" href=${address(`${path}/requests`, { method: name })} aria-current=${method === name ? "true" : null}>${name}</a>`)}
      <span class="end"><span class="muted small number" role="status">${counted(requests.length, "request")}</span><button onClick=${clear}>Forget all</button></span></div>
    ${forget.problem && html`<p class="bad breaks" role="alert">${forget.problem}</p>`}
    ${requests.length === 0 ? html`<${Empty} title=${isRecorded ? "No request yet" : "The requests of this tenant are not recorded"}><p class="muted">${isRecorded ? "What clients send with a token of this tenant appears here." : "Choose above that they are."}</p></${Empty}>`
      : html`<${Table} requests=${requests} open=${setOpen} />`}
    <${Assertion} path=${path} />
    ${open !== null && html`<${Details} path=${path} number=${open} close=${() => setOpen(null)} step=${(by) => setOpen(neighbour(requests, open, by) ?? open)} />`}`;
}

// The record, newest first, without bodies and headers: they are read where one request is shown.
function useRecord(path, method) {
  const key = `${path} ${method}`;
  const [state, setState] = useState({ key, requests: null, manners: null, error: null });
  const kept = useRef({ key, requests: [] });
  const read = async (signal) => {
    if (kept.current.key !== key) kept.current = { key, requests: [] };
    const { requests } = kept.current;
    const before = requests.length;
    try {
      for (let isWhole = false; !isWhole;) {
        const { value } = await call("GET", requestOf(`${path}/requests`, { after: requests.at(-1)?.n ?? 0, method, limit: PAGE }), { signal });
        requests.push(...value.map(brief));
        isWhole = value.length < PAGE;
      }
      const manners = requests.length ? (await send("POST", `${path}/requests/verify`, { match: method ? { method } : {}, manners: MANNERS.map(([name]) => name) })).manners : [];
      setState({ key, requests: [...requests].reverse(), manners, error: null });
    } catch (error) {
      if (!signal.aborted) setState((old) => ({ ...old, key, requests: old.key === key ? old.requests : null, error }));
    }
    return requests.length !== before;
  };
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    kept.current = { key, requests: [] };
    read(abort.signal);
    return () => abort.abort(new DOMException("The view is gone.", "AbortError"));
  }, [key, turn]);
  usePolling(key, read);
  const shown = state.key === key ? state : { requests: null, manners: null, error: null };
  return { ...shown, again: () => setTurn((old) => old + 1) };
}

const brief = ({ n, at, method, path, query, status, rule, early, retryOf, batch, delivery, milliseconds }) => (
  { n, at, method, path, query: Object.entries(query).map(([name, value]) => `${name}=${value}`).join("&"), status, rule, early, retryOf, batch, delivery, milliseconds });

function neighbour(requests, number, by) {
  const at = requests.findIndex(({ n }) => n === number);
  return requests[at + by]?.n;
}

function Manners({ manners }) {
  const found = new Map((manners ?? []).map((manner) => [manner.name, manner]));
  return html`<ul class="card manners" aria-label="Manners of the client">${MANNERS.map(([name, words]) => {
    const manner = found.get(name);
    const state = manner === undefined ? "missing" : manner.ok ? "success" : "fail";
    return html`<li key=${name}><${StateShape} state=${state} /><span><span class="strong">${words}</span>
      <span class="small muted block">${manner === undefined ? "no request yet" : manner.ok ? "yes" : `not by ${list(manner.requests)}`}</span></span></li>`;
  })}</ul>`;
}

// The numbers of requests, as many as fit in a line.
const list = (numbers) => `${numbers.slice(0, 5).map((number) => `#${number}`).join(", ")}${numbers.length > 5 ? ` and ${grouped(numbers.length - 5)} more` : ""}`;

function Table({ requests, open }) {
  const isNarrow = useNarrow();
  const columns = [{ name: "#", className: "number" }, { name: "Request" }, { name: "Status", className: "right" }, { name: "Rule", className: "wide-only" }, { name: "Time", className: "right wide-only" }];
  const row = (at) => {
    const { n, at: time, method, path, query, status, rule, early, retryOf, batch, delivery, milliseconds } = requests[at];
    const text = `${path.replace("/beta/deviceManagement/", "…/")}${query && `?${query}`}`;
    const marks = [retryOf && `again after #${retryOf}`, early && "too early", batch !== null && `in batch #${batch}`, delivery !== null && delivery !== "whole" && delivery].filter(Boolean);
    return html`<div role="cell" class="number muted">${n}</div>
      <div role="cell"><button class="name cut cover request-of" title=${text} onClick=${() => open(n)}><span class="verb-word">${method}</span> ${text}</button><span class="small muted cut block" title=${marks.join(", ")}>${marks.join(", ")}</span></div>
      <div role="cell" class=${`right number${status >= 400 ? " bad" : ""}`}>${status ?? (delivery ? "no reply" : "under way")}</div>
      <div role="cell" class="wide-only cut" title=${rule ?? ""}>${rule ?? ""}</div>
      <div role="cell" class="right muted number wide-only">${clock(instant(time))}<span class="small block">${milliseconds === null ? "" : duration(milliseconds)}</span></div>`;
  };
  return html`<div class="card twin-requests"><${Rows} label="Requests" total=${requests.length} height=${isNarrow ? 56 : 52} columns=${columns} row=${row} /></div>`;
}

function Details({ path, number, close, step }) {
  const [state, setState] = useState({ number: null });
  useEffect(() => {
    const abort = new AbortController();
    const read = call("GET", requestOf(`${path}/requests`, { after: number - 1, limit: 1 }), { signal: abort.signal });
    read.then(({ value }) => setState({ number, entry: value[0] }), (error) => abort.signal.aborted || setState({ number, error }));
    return () => abort.abort(new DOMException("Another request is shown.", "AbortError"));
  }, [number]);
  const { entry, error } = state.number === number ? state : {};
  return html`<${Sheet} label=${`Request ${number}`} head=${html`<h2>${`Request #${number}`}</h2>`} close=${close} step=${step}>
    ${error ? html`<${Problem} error=${error} />` : entry ? html`<pre class="output json" tabindex="0" aria-label="What was recorded"><${Lines} lines=${linesOf(entry, () => null)} /></pre>` : html`<${Loading} rows=${4} />`}
  </${Sheet}>`;
}

function Assertion({ path }) {
  const [text, setText] = useState(JSON.stringify(ASSERTIONS[0].value, null, 2));
  const [verdict, setVerdict] = useState(null);
  const { isRunning, problem, run } = useAction();
  const verify = (event) => {
    event.preventDefault();
    setVerdict(null);
    run(async () => setVerdict(await call("POST", `${path}/requests/verify`, { body: text })));
  };
  return html`<form class="card twin-form" onSubmit=${verify} aria-label="Assertion">
    <h2>Assertion</h2>
    <div class="actions" role="group" aria-label="Assertions to begin with">${ASSERTIONS.map(({ name, value }) => html`<button type="button" key=${name} class="chip" aria-pressed=${String(text === JSON.stringify(value, null, 2))} onClick=${() => setText(JSON.stringify(value, null, 2))}>${name}</button>`)}</div>
    <label class="whole">What was to be sent<textarea rows="7" spellcheck="false" value=${text} onInput=${(event) => setText(event.target.value)}></textarea></label>
    ${problem && html`<p class="bad breaks" role="alert">${problem}</p>`}
    <p class="actions"><button class="primary" disabled=${isRunning}>Check</button></p>
    ${verdict && html`<div role="status"><p class=${verdict.ok ? "code text-success" : "code bad"}><${StateShape} state=${verdict.ok ? "success" : "fail"} /> ${verdict.ok ? "It holds" : "It does not hold"}</p>
      <pre class="output json" tabindex="0" aria-label="Verdict"><${Lines} lines=${linesOf(verdict, () => null)} /></pre></div>`}
  </form>`;
}

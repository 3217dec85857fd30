// Any request of the API, as the user writes it, and its reply. It knows no entity: what it shows is
// what the server sent.
import { html, parted, useEffect, useMemo, useRef, useShown, useState, useStore } from "../html.mjs";
import { FORMS, copied, toClipboard } from "../copy.mjs";
import { useBatch, useReading } from "../data.mjs";
import { DEVICES, FAMILIES, familyPath } from "../families.mjs";
import { absolute, raw } from "../graph.mjs";
import { neededBy } from "../permissions.mjs";
import { Reply, parsed } from "../reply.mjs";
import { parse, requestOf } from "../route.mjs";
import { samples } from "../samples.mjs";
import { StateShape } from "../shapes.mjs";
import { session } from "../sign_in.mjs";

const METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"];
const FIRST = [familyPath(FAMILIES[0]), DEVICES].map((path) => requestOf(path, { $top: 1, $select: "id" }));

export default function Query({ route }) {
  const [request, setRequest] = useState({ method: "GET", target: legible(route.request), headers: "", body: "" });
  const [reply, setReply] = useState(null);
  const running = useRef(null);
  const confirm = useRef(null);
  const change = (changes) => setRequest((old) => ({ ...old, ...changes }));
  const send = async (sent) => {
    running.current?.abort();
    const abort = (running.current = new AbortController());
    setReply({ isRunning: true });
    try {
      const { method, target } = sent;
      const body = method === "GET" || method === "DELETE" || sent.body === "" ? undefined : sent.body;
      const result = await raw({ method, path: target.trim(), headers: headersOf(sent), body, signal: abort.signal });
      setReply({ ...result, target: target.trim(), isCollection: Array.isArray(parsed(result.text)?.value) });
    } catch (error) {
      if (!abort.signal.aborted) setReply({ problem: error instanceof TypeError ? "The server does not answer, or this is no address of it." : error.message });
    }
  };
  const run = () => (request.method === "DELETE" ? confirm.current.showModal() : send(request));
  // An address that comes from elsewhere is read at once: reading changes nothing.
  useEffect(() => {
    const next = { method: "GET", target: legible(route.request), headers: "", body: "" };
    setRequest(next);
    send(next);
  }, [route.request]);
  useEffect(() => () => running.current?.abort(), []);
  useShown(request.method, request.target, reply?.isCollection ?? false);
  const onKeyDown = (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
  };
  return html`<div class="heading"><div><h1>Query</h1>
      <p class="facts">Each view of the console shows the reply to a request. Here you can send any request that your token permits.</p></div></div>
    <div class="query">
      <${Samples} chosen=${request} choose=${(sample) => (setReply(null), setRequest({ headers: "", ...sample }), sample.method === "GET" && send({ headers: "", ...sample }))} />
      <div class="query-main" onKeyDown=${onKeyDown}>
        <${Editor} request=${request} change=${change} run=${run} />
        <${Reply} reply=${reply} />
        <${AsCode} request=${request} isCollection=${Boolean(reply?.isCollection)} />
      </div>
    </div>
    <dialog class="box" ref=${confirm} aria-labelledby="confirm-title">
      <h2 id="confirm-title">Delete this?</h2>
      <p class="breaks"><code>${request.target}</code></p>
      <p>Everything that it contains is deleted with it. Nothing brings it back.</p>
      <p class="actions"><button onClick=${() => confirm.current.close()}>Keep it</button><button class="danger" onClick=${() => (confirm.current.close(), send(request))}>Delete</button></p>
    </dialog>`;
}

function Samples({ chosen, choose }) {
  const { value } = useBatch(FIRST);
  const [script, device] = value?.map(({ data }) => data?.value?.[0]?.id) ?? [];
  const list = useMemo(() => (value ? samples(script ?? "SCRIPT", device ?? "DEVICE") : []), [value]);
  return html`<nav class="card samples" aria-label="Samples">
    ${list.map((sample) => html`<button key=${sample.name} data-row aria-current=${sample.method === chosen.method && sample.target === chosen.target ? "true" : null} onClick=${() => choose(sample)}>
      <span class="verb-word">${sample.method}</span>${sample.name}</button>`)}
  </nav>`;
}

function Editor({ request, change, run }) {
  const { method, target, headers, body } = request;
  const hasBody = method !== "GET" && method !== "DELETE";
  return html`<section class="card editor" aria-label="Request">
    <div class="line">
      <select aria-label="Method" value=${method} onChange=${(event) => change({ method: event.target.value })}>${METHODS.map((name) => html`<option value=${name} selected=${name === method}>${name}</option>`)}</select>
      <textarea class="target" aria-label="Address" rows="3" spellcheck="false" value=${target} onInput=${(event) => change({ target: event.target.value.replace(/\n/g, "") })}></textarea>
      <button class="primary" onClick=${run}>Run <kbd>Ctrl ↵</kbd></button>
    </div>
    ${hasBody && html`<label class="small muted" for="query-body">Body</label><textarea id="query-body" rows="6" spellcheck="false" value=${body} onInput=${(event) => change({ body: event.target.value })}></textarea>`}
    <${Needed} method=${method} target=${target} />
    <details><summary class="small">Headers</summary>
      <textarea aria-label="Headers, one a line" rows="2" spellcheck="false" placeholder="Prefer: return=minimal" value=${headers} onInput=${(event) => change({ headers: event.target.value })}></textarea></details>
  </section>`;
}

// What the request needs, before it is sent. An option that reads along a navigation may need more.
function Needed({ method, target }) {
  const { permissions = [] } = useStore(session);
  const { value: names } = useReading(`needed ${method} ${target}`, () => neededBy(method, target));
  const isHeld = names?.some((name) => permissions.includes(name));
  if (!names?.length) return html`<p class="needed small muted">${names ? "Needs no token" : " "}</p>`;
  return html`<p class="needed small"><${StateShape} state=${isHeld ? "success" : "fail"} size=${14} /><span class="muted">Needs one of</span>
    ${names.map((name) => html`<code key=${name} class=${permissions.includes(name) ? "held breaks" : "breaks"}>${parted(name)}</code>`)}<span class=${isHeld ? "muted" : "bad"}>${isHeld ? "You hold one." : "You hold none."}</span></p>`;
}

function AsCode({ request, isCollection }) {
  const [form, setForm] = useState("curl");
  const [note, setNote] = useState("");
  const text = useMemo(() => code(form, request, isCollection), [form, request, isCollection]);
  const copy = async () => {
    setNote((await toClipboard(text)) ? "Copied" : "This browser does not let a page copy.");
    setTimeout(() => setNote(""), 2500);
  };
  return html`<section class="card as-code" aria-labelledby="as-code">
    <header><h2 id="as-code">As code</h2><span class="said" role="status">${note}</span>
      <span class="choice">${FORMS.filter(({ id }) => id !== "url").map(({ id, name }) => html`<button key=${id} class="chip" aria-pressed=${String(id === form)} onClick=${() => setForm(id)}>${name}</button>`)}<button onClick=${copy}>Copy</button></span></header>
    <pre class="output" tabindex="0" aria-label="As code">${text}</pre>
  </section>`;
}

function code(form, { method, target, headers, body }, pages) {
  try {
    const hasBody = method !== "GET" && method !== "DELETE" && body !== "";
    return copied(form, { method, url: absolute(target.trim()), headers: headersOf({ headers, body: "" }), body: hasBody ? body : null, pages });
  } catch {
    return "This is no address.";
  }
}

function headersOf({ headers, body }) {
  const found = body ? { "Content-Type": "application/json" } : {};
  for (const line of headers.split("\n")) {
    const [, name, value] = /^\s*([^\s:]+)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
    if (name) found[name] = value;
  }
  return found;
}

// An address as a person writes it. What would end the address or change its meaning stays encoded.
function legible(request) {
  const { path, query } = parse(`#${request}`);
  const options = Object.entries(query).map(([name, value]) => `${name}=${value.replace(/[%&#+]/g, encodeURIComponent)}`);
  return path + (options.length ? `?${options.join("&")}` : "");
}

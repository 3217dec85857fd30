// The rules by which requests of a test tenant fail, and its throttle. A rule is made of the documented
// parts, and its text can be changed by hand before it is added.
import { html, useEffect, useState, visible } from "../html.mjs";
import { grouped } from "../chart.mjs";
import { Empty, Loading, Problem } from "../problem.mjs";
import { segment } from "../route.mjs";
import { call, useAction, useControl } from "../twin.mjs";
import { FAULTS, METHODS, OPERATIONS, THROTTLES, TURNS, edited, setWhen } from "../twin_rules.mjs";

export function RulesPart({ path }) {
  const rules = useControl(`${path}/rules`);
  const { problem, run } = useAction();
  const remove = async (suffix) => {
    if (await run(() => call("DELETE", `${path}/rules${suffix}`))) rules.again();
  };
  if (rules.error && !rules.value) return html`<${Problem} error=${rules.error} />`;
  if (!rules.value) return html`<${Loading} rows=${3} />`;
  const all = rules.value.value;
  return html`<div class="chips"><p class="muted small">${all.length === 0 ? "No rule: requests are answered as usual." : "Rules are tried from the first to the last. The first one that matches decides."}</p>
      ${all.length > 0 && html`<span class="end"><button onClick=${() => remove("")}>Remove all</button></span>`}</div>
    ${problem && html`<p class="bad breaks" role="alert">${problem}</p>`}
    ${all.length > 0 && html`<ul class="card plain-list rules">${all.map(({ id, when, then, matched, hits }) => html`<li key=${id}>
      <span class="rule-of"><strong class="breaks">${visible(id)}</strong><code class="breaks">${JSON.stringify(then)}</code><span class="small muted breaks">when <code>${JSON.stringify(when)}</code></span></span>
      <span class="number small">${`${grouped(hits)} of ${grouped(matched)} matching requests`}</span>
      <button aria-label=${`Remove the rule ${id}`} onClick=${() => remove(`/${segment(id)}`)}>Remove</button></li>`)}</ul>`}
    <${NewRule} path=${path} added=${rules.again} />`;
}

function NewRule({ path, added }) {
  const [at, setAt] = useState(0);
  const [turn, setTurn] = useState("");
  const [text, setText] = useState(() => ofFault(FAULTS[0]));
  const { isRunning, problem, run } = useAction();
  const choose = (number) => {
    const fault = FAULTS[number];
    setAt(number);
    setTurn(TURNS.find(([name]) => fault.when?.[name] !== undefined)?.[0] ?? "");
    setText(ofFault(fault));
  };
  const when = (name, value) => setText(edited(text, (rule) => setWhen(rule, name, value)));
  const count = (name, number) => {
    setTurn(name);
    setText(edited(text, (rule) => {
      for (const [other] of TURNS) setWhen(rule, other, null);
      if (name !== "") setWhen(rule, name, number);
    }));
  };
  const add = async (event) => {
    event.preventDefault();
    if (await run(() => call("POST", `${path}/rules`, { body: text }))) added();
  };
  const chosen = parsed(text)?.when ?? {};
  const option = (value, name, current) => html`<option value=${value} selected=${value === current}>${name}</option>`;
  return html`<form class="card twin-form" onSubmit=${add} aria-label="New rule">
    <h2>New rule</h2>
    <div class="fields">
      <label>What happens<select value=${String(at)} onChange=${(event) => choose(Number(event.target.value))}>${FAULTS.map(({ name }, number) => option(String(number), name, String(at)))}</select></label>
      <label>Method<select value=${chosen.method ?? ""} onChange=${(event) => when("method", event.target.value)}>${option("", "any", chosen.method ?? "")}${METHODS.map((name) => option(name, name, chosen.method))}</select></label>
      <label>Operation<select value=${chosen.operation ?? ""} onChange=${(event) => when("operation", event.target.value)}>${option("", "any", chosen.operation ?? "")}${OPERATIONS.map((name) => option(name, name, chosen.operation))}</select></label>
      <label>To which requests<select value=${turn} onChange=${(event) => count(event.target.value, event.target.value === "chance" ? 0.5 : 1)}>${option("", "all of them", turn)}${TURNS.map(([name, words]) => option(name, words, turn))}</select></label>
      ${turn !== "" && html`<label>Number<input type="number" min="0" step="any" required value=${chosen[turn] ?? 1} onInput=${(event) => count(turn, Number(event.target.value))} /></label>`}
    </div>
    <p class="small muted">${FAULTS[at].sees}</p>
    <label class="whole">The rule<textarea rows="9" spellcheck="false" value=${text} onInput=${(event) => setText(event.target.value)}></textarea></label>
    <p class="small muted">More conditions: <code>path</code>, <code>entity</code>, <code>caller</code>, <code>header</code>, <code>inBatch</code>. An <code>id</code> gives the rule a name.</p>
    ${problem && html`<p class="bad breaks" role="alert">${problem}</p>`}
    <p class="actions"><button class="primary" disabled=${isRunning}>Add the rule</button></p>
  </form>`;
}

export function ThrottlePart({ path }) {
  const throttle = useControl(`${path}/throttle`);
  const [text, setText] = useState(null);
  const { isRunning, problem, run } = useAction();
  const current = throttle.value && JSON.stringify(throttle.value, null, 2);
  useEffect(() => {
    if (text === null && current) setText(current);
  }, [current]);
  if (throttle.error && !throttle.value) return html`<${Problem} error=${throttle.error} />`;
  if (text === null) return html`<${Loading} rows=${3} />`;
  const set = async (event) => {
    event.preventDefault();
    if (await run(() => call("PUT", `${path}/throttle`, { body: text }))) throttle.again();
  };
  return html`<form class="card twin-form" onSubmit=${set} aria-label="Throttle">
    <h2>${throttle.value.profile === "off" && throttle.value.custom.length === 0 ? "Requests are not throttled" : "Requests are throttled"}</h2>
    <p class="small muted">The limits hold for windows of 20 seconds by the tenant's clock. Setting them begins new windows.</p>
    <div class="actions" role="group" aria-label="Settings to begin with">${THROTTLES.map(({ name, value }) => html`<button type="button" key=${name} class="chip" aria-pressed=${String(text === JSON.stringify(value, null, 2))} onClick=${() => setText(JSON.stringify(value, null, 2))}>${name}</button>`)}</div>
    <label class="whole">The throttle<textarea rows="9" spellcheck="false" value=${text} onInput=${(event) => setText(event.target.value)}></textarea></label>
    ${problem && html`<p class="bad breaks" role="alert">${problem}</p>`}
    <p class="actions"><button class="primary" disabled=${isRunning}>Set it</button><button type="button" onClick=${() => setText(current)}>Show what is set</button></p>
  </form>`;
}

const ofFault = ({ when = {}, then }) => JSON.stringify({ when, then }, null, 2);

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

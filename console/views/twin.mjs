// The test twin: its sign-in, its tenants and its snapshots. It knows the control API, and leaves a single
// tenant to its own file.
import { html, useShown, useState, useStore, visible } from "../html.mjs";
import { counted } from "../chart.mjs";
import { setCounts } from "../fleet.mjs";
import { Rows, useNarrow } from "../list.mjs";
import { Empty, Loading, Problem } from "../problem.mjs";
import { address, segment } from "../route.mjs";
import { config } from "../sign_in.mjs";
import { duration, instant } from "../time.mjs";
import { SNAPSHOTS, TENANTS, TWIN, call, control, enter, tenantPath, useControl } from "../twin.mjs";
import { ClockOf } from "./twin_clock.mjs";
import { Confirm, NewTenant } from "./twin_dialogs.mjs";
import { Tenant } from "./twin_tenant.mjs";

export default function Twin({ id, part, route }) {
  const { twin } = useStore(config);
  const { state } = useStore(control);
  if (!twin) return html`<${NoTwin} />`;
  if (state === "out") return html`<${Enter} />`;
  return id === undefined ? html`<${Tenants} />` : html`<${Tenant} key=${id} id=${id} part=${part} route=${route} />`;
}

function NoTwin() {
  useShown("GET", TWIN, false);
  return html`<${Empty} title="This server has no test twin">
    <p>The test twin gives each test a tenant of its own, with a clock, faults and a record of the requests. It is for tests, so it is off by default. Start a server with it:</p>
    <pre class="output" tabindex="0">RUNSTATE_TWIN=true RUNSTATE_TWIN_SECRET=choose-16-letters runstate</pre>
  </${Empty}>`;
}

function Enter() {
  const { problem: before } = useStore(control);
  const [problem, setProblem] = useState(before);
  const submit = async (event) => {
    event.preventDefault();
    setProblem(await enter(new FormData(event.target).get("secret")));
  };
  useShown("GET", TWIN, false);
  return html`<section class="card sign-in">
    <h1>Test twin</h1>
    <p class="muted">Tenants for tests, with a clock, faults and a record of the requests.</p>
    <form onSubmit=${submit}>
      <label for="secret">Secret or token of the twin</label>
      <input id="secret" name="secret" type="password" autocomplete="off" spellcheck="false" aria-describedby="secret-note" aria-invalid=${problem ? "true" : null} />
      ${problem && html`<p class="bad breaks" role="alert">${problem}</p>`}
      <p id="secret-note" class="small muted">The value of <code>RUNSTATE_TWIN_SECRET</code>, or what <code>runstate token --twin</code> prints. Kept in the memory of this tab alone, and gone when it is closed or reloaded.</p>
      <button class="wide primary">Continue</button>
    </form>
  </section>`;
}

function Tenants() {
  const overview = useControl(TWIN);
  const tenants = useControl(TENANTS);
  const snapshots = useControl(SNAPSHOTS);
  const [origin, make] = useState(null);
  useShown("GET", TENANTS, false);
  const again = () => [overview, tenants, snapshots].forEach((read) => read.again());
  const error = tenants.error ?? snapshots.error;
  if (error && !tenants.value) return html`<${Problem} error=${error} />`;
  if (!tenants.value || !snapshots.value) return html`<${Loading} rows=${6} label="Loading the tenants" />`;
  const [all, kept] = [tenants.value.value, snapshots.value.value];
  setCounts({ twin: all.length });
  return html`<div class="heading"><div>
      <h1>Test twin</h1>
      <p class="facts number"><span>${counted(all.length, "tenant")}, ${counted(kept.length, "snapshot")}</span>${overview.value?.fork === "checked" && html`<span>copies check foreign keys, which takes three times as long</span>`}</p>
    </div>
    <div class="actions"><button class="primary" onClick=${() => make({ kind: "empty" })}>New tenant</button></div></div>
    ${error && html`<p class="note" role="status">${error.message}</p>`}
    ${all.length === 0 ? html`<${Nothing} />` : html`<${Table} tenants=${all} />`}
    ${kept.length > 0 && html`<${Snapshots} snapshots=${kept} make=${make} again=${again} />`}
    ${origin && html`<${NewTenant} origin=${origin} tenants=${all} snapshots=${kept} close=${() => (make(null), again())} />`}`;
}

function Table({ tenants }) {
  const isNarrow = useNarrow();
  const columns = [{ name: "Tenant" }, { name: "Clock", className: "wide-only" }, { name: "Permissions", className: "wide-only" }, { name: "Expires in", className: "right" }];
  const now = Date.now();
  const row = (number) => {
    const { id, name, tenant, clock, permissions, expires } = tenants[number];
    // A name that a person chose says more than a GUID.
    const [title, note] = [...new Set([id === tenant ? name ?? id : id, name ?? tenant, id])].map(visible);
    return html`<div role="cell"><a class="name cut cover" href=${address(tenantPath(id))} title=${title}>${title}</a><span class="small muted cut block" title=${note}>${note}</span></div>
      <div role="cell" class="wide-only number cut"><${ClockOf} clock=${clock} /></div>
      <div role="cell" class="wide-only muted">${permissions}</div>
      <div role="cell" class="right muted number">${duration(Math.max(instant(expires) - now, 0))}</div>`;
  };
  return html`<div class="card twin-tenants"><${Rows} label="Tenants" total=${tenants.length} height=${isNarrow ? 56 : 52} columns=${columns} row=${row} /></div>`;
}

function Snapshots({ snapshots, make, again }) {
  const [gone, setGone] = useState(null);
  return html`<h2 class="part">Snapshots</h2>
    <ul class="card plain-list snapshots">${snapshots.map(({ name }) => html`<li key=${name}><strong class="breaks">${visible(name)}</strong>
      <span class="actions"><button aria-label=${`New tenant from it: ${name}`} onClick=${() => make({ kind: "snapshot", name })}>New tenant from it</button><button aria-label=${`Delete the snapshot ${name}`} onClick=${() => setGone(name)}>Delete</button></span></li>`)}</ul>
    ${gone !== null && html`<${Confirm} title="Delete this snapshot?" action="Delete" run=${() => call("DELETE", `${SNAPSHOTS}/${segment(gone)}`)} close=${() => (setGone(null), again())}>
      <p class="breaks"><strong>${visible(gone)}</strong></p><p>Tenants that began with it can still be reset to it.</p></${Confirm}>`}`;
}

function Nothing() {
  return html`<${Empty} title="There is no tenant yet">
    <p>Make one here, or give one to a command for as long as it runs:</p>
    <pre class="output" tabindex="0">runstate twin create -- pytest -q</pre>
  </${Empty}>`;
}


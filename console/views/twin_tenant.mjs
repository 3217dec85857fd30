// One tenant of the test twin: what it is, what can be done with it as a whole, and tabs for its clock,
// rules, throttle and requests. It leaves each tab to its own file.
import { html, useEffect, useShown, useState, visible } from "../html.mjs";
import { Loading, Problem } from "../problem.mjs";
import { address, navigate } from "../route.mjs";
import { enterTwinTenant, session } from "../sign_in.mjs";
import { duration, instant, takeClock } from "../time.mjs";
import { SNAPSHOTS, TENANTS, call, send, tenantPath, useAction, useControl } from "../twin.mjs";
import { ClockPart } from "./twin_clock.mjs";
import { Confirm, NewSnapshot, NewTenant, Reset } from "./twin_dialogs.mjs";
import { RequestsPart } from "./twin_requests.mjs";
import { RulesPart, ThrottlePart } from "./twin_rules.mjs";

const PARTS = [["clock", "Clock"], ["rules", "Rules"], ["throttle", "Throttle"], ["requests", "Requests"]];

export function Tenant({ id, part, route }) {
  const path = tenantPath(id);
  const tenant = useControl(path);
  const snapshots = useControl(SNAPSHOTS);
  useShown("GET", part === "clock" ? path : `${path}/${part}`, false);
  const clock = tenant.value?.clock;
  // The other views show the present of the tenant that is open in them.
  useEffect(() => {
    if (clock && session.get().twinTenant === id) takeClock(clock);
  }, [clock?.now, clock?.rate]);
  if (tenant.error && (tenant.error.status === 404 || !tenant.value)) return html`<${Gone} error=${tenant.error} />`;
  if (!tenant.value) return html`<${Loading} rows=${5} label="Loading the tenant" />`;
  const again = () => [tenant, snapshots].forEach((read) => read.again());
  return html`<${Head} path=${path} tenant=${tenant.value} snapshots=${snapshots.value?.value ?? []} again=${again} />
    ${tenant.error && html`<p class="note" role="status">${tenant.error.message}</p>`}
    <nav class="tabs" aria-label="Parts of the tenant">${PARTS.map(([name, title]) => html`<a key=${name} href=${address(name === "clock" ? path : `${path}/${name}`)} aria-current=${name === part ? "page" : null}>${title}</a>`)}</nav>
    ${part === "clock" && html`<${ClockPart} path=${path} clock=${tenant.value.clock} again=${again} />`}
    ${part === "rules" && html`<${RulesPart} path=${path} />`}
    ${part === "throttle" && html`<${ThrottlePart} path=${path} />`}
    ${part === "requests" && html`<${RequestsPart} path=${path} route=${route} isRecorded=${tenant.value.record} />`}`;
}

function Head({ path, tenant, snapshots, again }) {
  const [dialog, show] = useState(null);
  const { isRunning, problem, run } = useAction();
  const { id, name, tenant: guid, permissions, ids, expires, headerFaults, record } = tenant;
  const open = () => run(async () => {
    const { token } = await send("POST", `${path}/tokens`, {});
    enterTwinTenant(await call("GET", path), token);
    navigate("#");
  });
  const change = (changes) => run(async () => {
    await send("PATCH", path, changes);
    again();
  });
  const close = () => (show(null), again());
  return html`<p class="crumbs"><a href=${address(TENANTS)}>Test twin</a></p>
    <div class="heading"><div class="words-of">
      <h1 class="breaks title" title=${visible(id)}>${visible(id)}</h1>
      <p class="facts small">${name && html`<span class="breaks">${visible(name)}</span>`}<code class="breaks">${guid}</code><span class="number">expires in ${duration(Math.max(instant(expires) - Date.now(), 0))}</span>
        <span>${ids === "seeded" ? "the same ids in each run" : "random ids"}</span></p>
    </div>
    <div class="actions"><button class="primary" disabled=${isRunning} onClick=${open}>Open this tenant</button>
      <button onClick=${() => show("fork")}>Fork</button><button onClick=${() => show("snapshot")}>Snapshot</button><button onClick=${() => show("reset")}>Reset</button><button onClick=${() => show("delete")}>Delete</button></div></div>
    <div class="actions settings"><label class="permissions-of">Permissions <select value=${permissions} onChange=${(event) => change({ permissions: event.target.value })}>${["seed", "current", "either"].map((profile) => html`<option value=${profile} selected=${profile === permissions}>${profile}</option>`)}</select></label>
      <label class="check"><input type="checkbox" checked=${record} onChange=${(event) => change({ record: event.target.checked })} /><span>Record the requests</span></label>
      <label class="check"><input type="checkbox" checked=${headerFaults} onChange=${(event) => change({ headerFaults: event.target.checked })} /><span>Faults by <code>X-Runstate-Fault</code></span></label>
      <button onClick=${() => change({ ttl: "PT1H" })}>Keep for another hour</button></div>
    ${problem && html`<p class="bad breaks" role="alert">${problem}</p>`}
    ${dialog === "fork" && html`<${NewTenant} origin=${{ kind: "tenant", name: id }} tenants=${[tenant]} snapshots=${snapshots} close=${close} />`}
    ${dialog === "snapshot" && html`<${NewSnapshot} path=${path} close=${close} />`}
    ${dialog === "reset" && html`<${Reset} path=${path} snapshots=${snapshots} close=${close} />`}
    ${dialog === "delete" && html`<${Confirm} title="Delete this tenant?" action="Delete" close=${() => show(null)} run=${() => remove(path)}>
      <p class="breaks"><strong>${visible(id)}</strong></p><p>Its tokens are refused from then on. Snapshots of it stay.</p></${Confirm}>`}`;
}

async function remove(path) {
  await call("DELETE", path);
  navigate(address(TENANTS));
}

function Gone({ error }) {
  return html`<${Problem} error=${error}>${error.status === 404 && html`<p>The tenant was deleted, or has expired.</p>`}
    <p><a class="button" href=${address(TENANTS)}>All tenants</a></p></${Problem}>`;
}

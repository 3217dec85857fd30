// Dialogs of the test twin: a new tenant, a snapshot, a reset, and the confirmation of what cannot be
// brought back. Each shows what the server says is wrong.
import { html, useLayoutEffect, useRef, useState } from "../html.mjs";
import { address, navigate } from "../route.mjs";
import { TENANTS, send, tenantPath, useAction } from "../twin.mjs";

/** A dialog with a form. `act(form)` is called with its FormData; the dialog closes if that succeeds. */
function Dialog({ title, action, act, close, isDanger = false, children }) {
  const dialog = useRef(null);
  const { isRunning, problem, run } = useAction();
  useLayoutEffect(() => {
    const before = document.activeElement;
    dialog.current.showModal();
    return () => before?.isConnected && before.focus();
  }, []);
  const submit = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    if (await run(() => act(form))) close();
  };
  const cancel = (event) => {
    event.preventDefault();
    close();
  };
  return html`<dialog class="box twin-dialog" ref=${dialog} aria-labelledby="dialog-title" onCancel=${cancel}>
    <h2 id="dialog-title">${title}</h2>
    <form onSubmit=${submit}>
      ${children}
      ${problem && html`<p class="bad breaks" role="alert">${problem}</p>`}
      <p class="actions"><button type="button" onClick=${close}>Cancel</button><button class=${isDanger ? "danger" : "primary"} disabled=${isRunning}>${action}</button></p>
    </form>
  </dialog>`;
}

/** Asks before something is done that cannot be undone. */
export function Confirm({ title, action, run, close, children }) {
  return html`<${Dialog} title=${title} action=${action} act=${run} close=${close} isDanger=${true}>${children}</${Dialog}>`;
}

/**
 * Makes a tenant, and leads to it. `origin` is what is chosen at first: `{ kind, name }`, where the kind is
 * empty, fixture, snapshot, tenant or json.
 */
export function NewTenant({ origin, tenants, snapshots, close }) {
  const [kind, setKind] = useState(origin.kind);
  const [time, setTime] = useState("");
  const kinds = [["empty", "Nothing"], ["fixture", "An example fleet"], snapshots.length > 0 && ["snapshot", "Those of a snapshot"], tenants.length > 0 && ["tenant", "Those of a tenant, as they are now"], ["json", "JSON"]].filter(Boolean);
  const act = async (form) => {
    const made = await send("POST", kind === "tenant" ? `${tenantPath(form.get("from"))}/fork` : TENANTS, bodyOf(form, kind));
    navigate(address(tenantPath(made.id)));
  };
  const options = (names) => names.map((name) => html`<option value=${name} selected=${name === origin.name}>${name}</option>`);
  return html`<${Dialog} title="New tenant" action="Make it" act=${act} close=${close}>
    <div class="fields">
      <label>id<input name="id" placeholder="a GUID" autocomplete="off" spellcheck="false" /></label>
      <label>Name<input name="name" placeholder="ci-4711-login" autocomplete="off" spellcheck="false" /></label>
      <label>Contents<select name="kind" value=${kind} onChange=${(event) => setKind(event.target.value)}>${kinds.map(([value, name]) => html`<option value=${value} selected=${value === kind}>${name}</option>`)}</select></label>
      ${kind === "snapshot" && html`<label>Snapshot<select name="from">${options(snapshots.map(({ name }) => name))}</select></label>`}
      ${kind === "tenant" && html`<label>Tenant<select name="from">${options(tenants.map(({ id }) => id))}</select></label>`}
      ${kind === "json" && html`<label class="whole">Contents as JSON<textarea name="seed" rows="5" spellcheck="false" placeholder=${SEED}></textarea></label>`}
      <label>Clock<select name="time" value=${time} onChange=${(event) => setTime(event.target.value)}>
        <option value="" selected=${time === ""}>${["snapshot", "tenant"].includes(kind) ? "As where it comes from" : "The real time"}</option><option value="frozen" selected=${time === "frozen"}>Frozen</option><option value="going" selected=${time === "going"}>From a time on</option></select></label>
      ${time !== "" && html`<label>Time<input name="now" required value=${new Date().toISOString().replace(/\.\d+/, "")} spellcheck="false" /></label>`}
      <label>Lives for<input name="ttl" placeholder="1h" spellcheck="false" /></label>
      <label>Permissions<select name="permissions"><option>seed</option><option>current</option><option>either</option></select></label>
      <label>Ids<select name="ids"><option value="random">Random</option><option value="seeded">The same in each run</option></select></label>
    </div>
    <label class="check"><input type="checkbox" name="record" checked /><span>Record the requests</span></label>
    <label class="check"><input type="checkbox" name="headerFaults" /><span>A request may ask for a fault by <code>X-Runstate-Fault</code></span></label>
  </${Dialog}>`;
}

// Contents that come with the program.
const FIXTURE = "fixture:intune-small";
const SEED = '{"managedDevices": [{"id": "pc-1", "deviceName": "PC 1"}]}';

// Members that are left empty have the default of the server.
function bodyOf(form, kind) {
  const body = {};
  for (const name of ["id", "name", "ttl"]) {
    const text = form.get(name).trim();
    if (text !== "") body[name] = text;
  }
  if (kind === "fixture") body.from = FIXTURE;
  if (kind === "snapshot") body.from = form.get("from");
  if (kind === "json") body.seed = contents(form.get("seed"));
  if (form.get("time") !== "") body.clock = { now: form.get("now").trim(), rate: form.get("time") === "frozen" ? 0 : 1 };
  const switches = { record: form.has("record"), headerFaults: form.has("headerFaults") };
  return { ...body, permissions: form.get("permissions"), ids: form.get("ids"), ...switches };
}

function contents(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`The contents are no JSON: ${error.message}`);
  }
}

/** Keeps the contents of a tenant under a name. */
export function NewSnapshot({ path, close }) {
  const act = (form) => send("POST", `${path}/snapshots`, { name: form.get("name").trim() });
  return html`<${Dialog} title="Keep the contents as a snapshot" action="Keep" act=${act} close=${close}>
    <div class="fields"><label class="whole">Name<input name="name" required autocomplete="off" spellcheck="false" /></label></div>
    <p class="small muted">New tenants can begin with it. No token names a snapshot, so nobody changes it.</p>
  </${Dialog}>`;
}

const KEPT = ["clock", "rules", "throttle", "record"];

/** Restores the contents of a tenant. */
export function Reset({ path, snapshots, close }) {
  const act = (form) => {
    const to = form.get("to");
    return send("POST", `${path}/reset`, { ...(to === "" ? {} : { to }), keep: form.getAll("keep") });
  };
  return html`<${Dialog} title="Reset this tenant?" action="Reset" act=${act} close=${close} isDanger=${true}>
    <div class="fields"><label class="whole">Contents<select name="to"><option value="">As at the start</option>${snapshots.map(({ name }) => html`<option value=${name}>${`Those of the snapshot ${name}`}</option>`)}</select></label></div>
    <fieldset><legend>Keep as they are</legend>${KEPT.map((name) => html`<label class="check"><input type="checkbox" name="keep" value=${name} /><span>${name}</span></label>`)}</fieldset>
  </${Dialog}>`;
}

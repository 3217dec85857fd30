// Scripts that run for users: how many users each has, and for how many it fails. It knows no single
// user.
import { html, named, useShown, visible } from "../html.mjs";
import { counted, grouped } from "../chart.mjs";
import { useBatch } from "../data.mjs";
import { FAMILIES, familyPath } from "../families.mjs";
import { Rows } from "../list.mjs";
import { Empty, Loading, Problem } from "../problem.mjs";
import { address, requestOf, segment } from "../route.mjs";

const ERRORS = "errorDeviceCount gt 0";
const all = "userRunStates($count=true;$top=0)";
const failing = `userRunStates($count=true;$top=0;$filter=${ERRORS})`;
const counting = (family, expand) => requestOf(familyPath(family), { $select: "id,displayName", $expand: expand });

export default function Users() {
  const requests = [all, failing].flatMap((expand) => FAMILIES.map((family) => counting(family, expand)));
  const { value, error } = useBatch(requests);
  useShown("GET", requests[0]);
  const problem = error ?? value?.find((reply) => reply.error)?.error;
  const scripts = value && !problem ? merged(value) : null;
  const total = scripts?.reduce((sum, { users }) => sum + users, 0);
  return html`<div class="heading"><div>
      <h1>Users</h1>
      <p class="facts number">${scripts ? `${counted(total, "user state")} of ${counted(scripts.length, "script")}` : " "}</p>
    </div></div>
    ${problem ? html`<${Problem} error=${problem} />` : !scripts ? html`<${Loading} rows=${6} label="Loading the users" />`
      : scripts.length === 0 ? html`<${Nothing} />` : html`<${Table} scripts=${scripts} />`}`;
}

// The counts of all users and of those with errors, by script. Scripts without users are left out.
function merged(replies) {
  const scripts = FAMILIES.flatMap((family, at) => replies[at].data.value.map((entity) => {
    const errors = replies[FAMILIES.length + at].data.value.find(({ id }) => id === entity.id);
    const count = (found) => found?.["userRunStates@odata.count"] ?? 0;
    return { id: entity.id, name: entity.displayName ?? "", family, users: count(entity), errors: count(errors) };
  }));
  const worst = (a, b) => b.errors - a.errors || a.name.localeCompare(b.name);
  return scripts.filter(({ users }) => users > 0).sort(worst);
}

function Table({ scripts }) {
  const columns = [{ name: "Script" }, { name: "Users", className: "right" }, { name: "Failing", className: "right" }];
  return html`<div class="card user-counts"><${Rows} label="Scripts with users" total=${scripts.length} height=${52} columns=${columns}
    row=${(number) => html`<${Row} ...${scripts[number]} />`} /></div>`;
}

function Row({ id, name, family, users, errors }) {
  const path = `${familyPath(family)}/${segment(id)}/userRunStates`;
  return html`<div role="cell"><a class="name cut cover" href=${address(path)} title=${visible(name)}>${named(name)}</a><span class="small muted block">${family.name}</span></div>
    <div role="cell" class="right number">${grouped(users)}</div>
    <div role="cell" class="right number">${errors ? html`<a class="failing" href=${address(path, { $filter: ERRORS })}>${grouped(errors)}</a>` : html`<span class="muted">0</span>`}</div>`;
}

function Nothing() {
  return html`<${Empty} title="No script has reported for a user">
    <p>A script that runs as the signed-in user reports below <code>userRunStates</code>.</p>
  </${Empty}>`;
}

// The device states of a script as a list, with the filter of the address.
import { html, named, useListed, useShown, visible } from "../html.mjs";
import { counted, grouped } from "../chart.mjs";
import { short } from "../codes.mjs";
import { useGet } from "../data.mjs";
import { FilterChip, Rows, useNarrow, usePages } from "../list.mjs";
import { Empty, Loading, Problem } from "../problem.mjs";
import { address, requestOf, segment } from "../route.mjs";
import { STATES, State, StateShape } from "../shapes.mjs";
import { ago, instant, present } from "../time.mjs";
import { ExportButton } from "./export.mjs";

const SELECT = "id,runState,errorCode,lastStateUpdateDateTime";
const EXPAND = "managedDevice($select=id,deviceName,userPrincipalName,model,osVersion)";
const KIND = /^runState eq '(\w+)'$/;

/** The request of states with a filter, in the order of the address. */
const statesRequest = (path, { $filter, $orderby }) => requestOf(`${path}/deviceRunStates`, { $filter, $select: SELECT, $expand: EXPAND, $orderby });

export function StatesTab({ route, path, numbers }) {
  const { $filter } = route.query;
  const request = statesRequest(path, route.query);
  const [pages, error] = usePages(request);
  const { value } = useGet(requestOf(`${path}/deviceRunStates/$count`, { $filter }));
  useShown("GET", request);
  useListed((id, step) => pages?.neighbour(id, step) ?? null, pages);
  const total = pages?.isWhole ? pages.known : value === null ? null : Number(value);
  const isNarrow = useNarrow();
  const more = !$filter && numbers.value && total !== null ? numbers.value.total - total : 0;
  if (total === 0 && !$filter) return html`<div class="chips"></div><${Nothing} path=${path} />`;
  return html`<${Choice} path=${path} filter=${$filter} numbers=${numbers.value} total=${total} more=${more} request=${request} />
    ${error ? html`<${Problem} error=${error} />` : total === null || !pages ? html`<${Loading} rows=${8} />` : total === 0 ? html`<${Nothing} path=${path} filter=${$filter} />`
      : html`<div class="card states"><${Rows} label="Run states" total=${total} height=${isNarrow ? 56 : 52} need=${pages.need} columns=${COLUMNS}
        row=${(number) => pages.row(number) && html`<${Row} state=${pages.row(number)} path=${path} route=${route} />`} /></div>`}`;
}

function Nothing({ path, filter }) {
  if (!filter) return html`<${Empty} title="Nobody has run this script yet"><p class="muted">Run states appear here as soon as a device reports one.</p></${Empty}>`;
  return html`<${Empty} title="No state matches"><p class="breaks"><code>${visible(filter)}</code></p><p><a class="button" href=${address(`${path}/deviceRunStates`)}>All states</a></p></${Empty}>`;
}

const COLUMNS = [{ name: "Device" }, { name: "State" }, { name: "Code", className: "wide-only" }, { name: "Model", className: "wide-only" }, { name: "Build", className: "wide-only" }, { name: "Reported", className: "right" }];

function Row({ state, path, route }) {
  const { id, runState, errorCode, lastStateUpdateDateTime, managedDevice: device } = state;
  const href = address(`${path}/deviceRunStates/${segment(id)}`, { $filter: route.query.$filter }, { tab: "devices" });
  return html`<div role="cell"><a class="name cut cover" href=${href}>${named(device?.deviceName, id)}</a><span class="small muted cut block">${device ? visible(device.userPrincipalName) || "no user" : "device unknown"}</span></div>
    <div role="cell"><${State} state=${runState} /></div><div role="cell" class="wide-only"><code>${errorCode === 0 ? "" : short(errorCode)}</code></div>
    <div role="cell" class="wide-only muted cut" title=${visible(device?.model)}>${visible(device?.model)}</div>
    <div role="cell" class="wide-only muted cut"><code>${visible(device?.osVersion)}</code></div>
    <div role="cell" class="right muted number">${ago(instant(lastStateUpdateDateTime), present())}</div>`;
}

function Choice({ path, filter, numbers, total, more, request }) {
  const kind = KIND.exec(filter ?? "")?.[1];
  const link = (name, $filter, isOn, shape) => html`<a class="chip" href=${address(`${path}/deviceRunStates`, { $filter }, { tab: "devices" })} aria-current=${isOn ? "true" : null}>${shape && html`<${StateShape} state=${shape} size=${14} />`}${name}</a>`;
  const present = STATES.filter((state) => !numbers || numbers.counts[state] > 0 || state === kind);
  return html`<div class="chips">
    ${link("All", undefined, !filter)}${present.map((state) => link(state, `runState eq '${state}'`, kind === state, state))}
    ${filter && !kind && html`<${FilterChip} filter=${filter} href=${address(`${path}/deviceRunStates`, {}, { tab: "devices" })} />`}
    <span class="end"><span class="muted small number" role="status">${total === null ? "" : `${counted(total, "state")}${more > 0 ? `, ${grouped(more)} more since you looked` : ""}`}</span>
    <${ExportButton} request=${request} name="states" /></span>
  </div>`;
}

// All managed devices, or those that a filter finds. It knows no run state.
import { html, named, useShown, visible } from "../html.mjs";
import { counted } from "../chart.mjs";
import { setCounts } from "../fleet.mjs";
import { useGet } from "../data.mjs";
import { DEVICES } from "../families.mjs";
import { Icon } from "../shapes.mjs";
import { FilterChip, Rows, useNarrow, usePages } from "../list.mjs";
import { Empty, Loading, Problem } from "../problem.mjs";
import { address, literalText, navigate, requestOf, segment } from "../route.mjs";
import { ago, instant, present } from "../time.mjs";

const SELECT = "id,deviceName,userPrincipalName,model,operatingSystem,osVersion,deviceCategoryDisplayName,lastSyncDateTime";
const STARTS = /^startswith\(deviceName,'((?:[^']|'')*)'\)$/;
const OF_USER = /^userPrincipalName eq '((?:[^']|'')*)'$/;

export default function Devices({ route }) {
  const { $filter = null, $orderby = null } = route.query;
  const request = requestOf(DEVICES, { $select: SELECT, $filter, $orderby });
  const [pages, error] = usePages(request);
  const { value, error: problem } = useGet(requestOf(`${DEVICES}/$count`, { $filter }));
  useShown("GET", request);
  const total = value === null ? null : Number(value);
  if (total !== null && !$filter) setCounts({ devices: total });
  const user = OF_USER.exec($filter ?? "")?.[1].replaceAll("''", "'");
  return html`<div class="heading"><div>
      <h1 class="breaks">${user === undefined ? "Devices" : `Devices of ${visible(user)}`}</h1>
      <p class="facts number">${total === null ? " " : counted(total, "device")}</p>
    </div></div>
    <${Choice} route=${route} filter=${$filter} />
    ${error ?? problem ? html`<${Problem} error=${error ?? problem} />` : total === null || !pages ? html`<${Loading} rows=${8} label="Loading the devices" />`
      : total === 0 ? html`<${Nothing} isFiltered=${$filter !== null} />` : html`<${Table} total=${total} pages=${pages} />`}`;
}

function Choice({ route, filter }) {
  const text = STARTS.exec(filter ?? "")?.[1].replaceAll("''", "'");
  const search = (event) => {
    const typed = event.target.value.trim();
    navigate(address(route.path, { $filter: typed ? `startswith(deviceName,${literalText(typed)})` : null }), { replace: true });
  };
  return html`<div class="chips">
    <a class="chip" href=${address(DEVICES)} aria-current=${filter === null ? "true" : null}>All</a>
    ${["Windows", "macOS"].map((system) => html`<${System} system=${system} filter=${filter} />`)}
    ${filter && text === undefined && !/^operatingSystem eq /.test(filter) && html`<${FilterChip} filter=${filter} href=${address(DEVICES)} />`}
    <label class="end field"><span class="hidden">Name starts with</span><${Icon} name="search" size=${15} /><input type="search" placeholder="Name starts with" value=${text ?? ""} onInput=${search} spellcheck="false" /></label>
  </div>`;
}

function System({ system, filter }) {
  const own = `operatingSystem eq '${system}'`;
  return html`<a class="chip" href=${address(DEVICES, { $filter: own })} aria-current=${filter === own ? "true" : null}>${system}</a>`;
}

function Table({ total, pages }) {
  const isNarrow = useNarrow();
  const columns = [
    { name: "Device" }, { name: "Model", className: "wide-only" }, { name: "Operating system", className: "wide-only" },
    { name: "Category", className: "wide-only" }, { name: "Last sync", className: "right" },
  ];
  const now = present();
  return html`<div class="card inventory"><${Rows} label="Devices" total=${total} height=${isNarrow ? 60 : 52} columns=${columns} need=${pages.need}
    row=${(number) => pages.row(number) && html`<${Row} device=${pages.row(number)} now=${now} />`} /></div>`;
}

function Row({ device, now }) {
  const { id, deviceName, userPrincipalName, model, operatingSystem, osVersion, deviceCategoryDisplayName, lastSyncDateTime } = device;
  return html`<div role="cell"><a class="name cut cover" href=${address(`${DEVICES}/${segment(id)}`)} title=${named(deviceName, id)}>${named(deviceName, id)}</a>
      <span class="small muted cut block" title=${visible(userPrincipalName)}>${visible(userPrincipalName) || "no user"}</span></div>
    <div role="cell" class="wide-only cut" title=${visible(model)}>${visible(model)}</div>
    <div role="cell" class="wide-only cut" title=${visible(osVersion)}>${visible(operatingSystem)} <code class="muted">${visible(osVersion)}</code></div>
    <div role="cell" class="wide-only cut muted" title=${visible(deviceCategoryDisplayName)}>${visible(deviceCategoryDisplayName)}</div>
    <div role="cell" class="right muted number">${ago(instant(lastSyncDateTime), now)}</div>`;
}

function Nothing({ isFiltered }) {
  if (isFiltered) return html`<${Empty} title="No device matches"><p><a href=${address(DEVICES)}>Show all devices</a></p></${Empty}>`;
  return html`<${Empty} title="There are no devices yet">
    <p>Create one with the API, or fill the server with a simulated fleet:</p>
    <pre class="output" tabindex="0">runstate simulate</pre>
  </${Empty}>`;
}

// The users of a script, with the numbers of their devices.
import { html, useShown, visible } from "../html.mjs";
import { grouped } from "../chart.mjs";
import { useGet } from "../data.mjs";
import { Rows, usePages } from "../list.mjs";
import { Empty, Loading, Problem } from "../problem.mjs";
import { address, requestOf, segment } from "../route.mjs";

const COLUMNS = [{ name: "User" }, { name: "Succeeded", className: "right" }, { name: "Failed", className: "right" }];

export function UsersTab({ route, path }) {
  const { $filter } = route.query;
  const request = requestOf(`${path}/userRunStates`, { $filter });
  const [pages, error] = usePages(request);
  const { value } = useGet(requestOf(`${path}/userRunStates/$count`, { $filter }));
  useShown("GET", request);
  if (error) return html`<${Problem} error=${error} />`;
  if (!pages || value === null) return html`<${Loading} rows=${6} />`;
  const total = pages.isWhole ? pages.known : Number(value);
  if (total === 0) return html`<div class="chips"></div><${Empty} title="No user has reported"><p class="muted">A script that runs as the system is reported by devices alone.</p></${Empty}>`;
  return html`<div class="chips"></div><div class="card users"><${Rows} label="Users" total=${total} height=${48} need=${pages.need} columns=${COLUMNS} row=${(number) => {
    const user = pages.row(number);
    return user && html`<div role="cell"><a class="name cut cover" href=${address(`${path}/userRunStates/${segment(user.id)}`)}>${visible(user.userPrincipalName || user.id)}</a></div>
      <div role="cell" class="right number">${grouped(user.successDeviceCount)}</div>
      <div role="cell" class=${`right number${user.errorDeviceCount ? " bad" : ""}`}>${grouped(user.errorDeviceCount)}</div>`;
  }} /></div>`;
}

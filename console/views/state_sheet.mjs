// The run state that the address names, in a sheet beside the list from which it was opened.
import { html, listed, named, shown, useLayoutEffect, useShown, useStore, visible } from "../html.mjs";
import { useGet } from "../data.mjs";
import { DEVICES } from "../families.mjs";
import { Output } from "../output.mjs";
import { Loading, Problem } from "../problem.mjs";
import { address, navigate, requestOf, segment } from "../route.mjs";
import { Sheet } from "../sheet.mjs";

const EXPAND = "managedDevice($select=id,deviceName,userDisplayName,userPrincipalName,model,operatingSystem,osVersion)";

export function StateSheet({ route, path, script, id, tab }) {
  const request = requestOf(`${path}/deviceRunStates/${segment(id)}`, { $expand: EXPAND });
  const { value: state, error } = useGet(request);
  // The list behind the sheet shows its request again when the sheet is closed.
  useLayoutEffect(() => {
    const before = shown.get();
    return () => shown.set(before);
  }, []);
  useShown("GET", request, false);
  const device = state?.managedDevice;
  const close = () => {
    const target = tab === "failures" && !route.query.$filter ? path : `${path}/deviceRunStates`;
    navigate(address(target, { $filter: route.query.$filter }, { ...route.ui, tab: tab === "failures" && !route.query.$filter ? null : tab }));
  };
  const list = useStore(listed);
  const step = list && ((by) => {
    const next = list.neighbour(id, by);
    if (next) navigate(address(`${path}/deviceRunStates/${segment(next)}`, { $filter: route.query.$filter }, route.ui), { replace: true });
  });
  const name = named(device?.deviceName, "Device unknown");
  const system = [device?.operatingSystem, device?.osVersion].filter(Boolean).join(" ");
  const facts = visible([device?.userDisplayName || device?.userPrincipalName, device?.model, system].filter(Boolean).join(", "));
  const head = state ? html`<h2 class="cut" title=${name}>${device ? html`<a href=${address(`${DEVICES}/${segment(device.id)}`)}>${name}</a>` : name}</h2>
    ${device && html`<p class="small muted cut" title=${facts}>${facts}</p>`}` : html`<h2>Run state</h2>`;
  return html`<${Sheet} label=${`Run state of ${name}`} head=${head} close=${close} step=${step}>
    ${error ? html`<${Problem} error=${error} />` : state ? html`<${Output} path=${path} script=${script.displayName} state=${state} />` : html`<${Loading} rows=${4} />`}
  </${Sheet}>`;
}

// One group of failures: its cause, what its devices have in common, and the devices. The states are those
// that were read; what their devices have in common is compared with counts of the whole fleet.
import { html, named, useLayoutEffect, useListed, useMemo, useRef, visible } from "../html.mjs";
import { counted, grouped } from "../chart.mjs";
import { describe } from "../codes.mjs";
import { against, conditionOf, inCommon } from "../common.mjs";
import { useBatch } from "../data.mjs";
import { DEVICES } from "../families.mjs";
import { SAMPLE } from "../groups.mjs";
import { Icon, State } from "../shapes.mjs";
import { Rows, useNarrow } from "../list.mjs";
import { address, requestOf, route, segment, setState } from "../route.mjs";
import { ago, moment, present } from "../time.mjs";
import { Cause } from "./failures.mjs";

// As many properties as fit side by side.
const SHOWN = 3;

export function Group({ group, all, path, size, family, isReading }) {
  const { decimal, hex, name, meaning } = describe(group.code);
  const now = present();
  const states = useMemo(() => [...group.states].sort((a, b) => b.at - a.at), [group, size]);
  const [common, fleet] = useCommon(group, all, size, family, isReading);
  const section = useRef(null);
  const isNarrow = useNarrow();
  // On a phone the group takes the place of the list, which may have been scrolled far down.
  useLayoutEffect(() => isNarrow && section.current.scrollIntoView(), [group.key]);
  return html`<section class="card group" aria-label="Group" ref=${section}>
    <header>
      <button class="back" onClick=${() => setState({ group: null })}><${Icon} name="back" size=${14} />All groups</button>
      <h2 class="breaks"><${Cause} group=${group} /></h2>
      <p class="facts"><${State} state=${group.runState} /><code>${decimal}${hex && ` = ${hex}`}</code>${(name || meaning) && html`<span class="muted">${[name, meaning].filter(Boolean).join(", ")}</span>`}</p>
      <p class="facts muted small number"><span>${counted(size, "device")}</span><span>first ${moment(group.first, now)}</span><span>last ${ago(group.last, now)}</span></p>
    </header>
    ${common.length > 0 && html`<ul class="common" aria-label="What the devices have in common">${common.map((entry) => html`<${Shared} key=${entry.property} entry=${entry} />`)}</ul>
      <p class="of-all small muted number">${`Compared with ${fleet === null ? `a sample of ${grouped(Math.min(all.devices, SAMPLE))}` : `all ${grouped(fleet)}`} ${family.system} devices`}</p>`}
    <${Devices} states=${states} path=${path} now=${now} />
  </section>`;
}

// The most telling properties, and the number of devices that they are compared with: null while that is
// the sample, until all failures were read.
function useCommon(group, all, size, family, isReading) {
  const found = useMemo(() => inCommon(group.tally, all).slice(0, SHOWN), [group, size, all.devices]);
  const ofSystem = `operatingSystem eq '${family.system}'`;
  const conditions = isReading || found.length === 0 ? [] : [ofSystem, ...found.map((entry) => `${ofSystem} and ${conditionOf(entry)}`)];
  const { value } = useBatch(conditions.map((condition) => requestOf(`${DEVICES}/$count`, { $filter: condition })));
  if (!value?.length || value.some(({ error }) => error)) return [found, null];
  const [fleet, ...having] = value.map(({ data }) => Number(data));
  return [found.map((entry, at) => against(entry, group.tally, having[at], fleet)), fleet];
}

function Shared({ entry }) {
  const { name, value, here, all, factor, telling } = entry;
  const share = (part) => (part > 0 && part < 0.005 ? "< 1 %" : `${Math.round(part * 100)} %`);
  return html`<li><span class="small muted">${name}</span>
    <span class="value"><strong class="breaks">${visible(value)}</strong>${telling && html`<span class="badge">${factor >= 10 ? Math.round(factor) : factor.toFixed(1).replace(".0", "")}×</span>`}</span>
    <svg class=${telling ? "share telling" : "share"} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="ground" width="100" height="6" /><rect class="here" width=${here * 100} height="6" /><rect class="mark" x=${Math.min(all * 100, 99)} width="1" height="6" /></svg>
    <span class="small muted number">${share(here)} here, ${share(all)} of all</span></li>`;
}

function Devices({ states, path, now }) {
  const isNarrow = useNarrow();
  const { query, ui } = route.get();
  useListed((id, step) => {
    const at = states.findIndex((state) => state.id === id);
    return at < 0 ? null : (states[at + step]?.id ?? null);
  }, states);
  const columns = [{ name: "Device" }, { name: "Model", className: "wide-only" }, { name: "Build", className: "wide-only" }, { name: "Reported", className: "right" }];
  const row = (number) => {
    const { id, at, device } = states[number];
    const href = address(`${path}/deviceRunStates/${segment(id)}`, { $filter: query.$filter }, { ...ui, tab: "failures" });
    return html`<div role="cell"><a class="name cut cover" href=${href}>${named(device?.deviceName, id)}</a><span class="small muted cut block">${device ? visible(device.userPrincipalName) || "no user" : "device unknown"}</span></div>
      <div role="cell" class="wide-only muted cut">${visible(device?.model)}</div><div role="cell" class="wide-only muted cut"><code>${visible(device?.osVersion)}</code></div>
      <div role="cell" class="right muted number">${ago(at, now)}</div>`;
  };
  return html`<div class="devices"><${Rows} label="Devices of the group" total=${states.length} height=${isNarrow ? 54 : 52} columns=${columns} row=${row} /></div>`;
}

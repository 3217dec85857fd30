// One script: who has reported, and tabs for failures, devices, users, assignments and the text. It
// knows the counts, and leaves each tab to its own file.
import { html, named, rate, useEffect, useLayoutEffect, useMemo, useRef, useShown, useState, visible } from "../html.mjs";
import { counted, grouped } from "../chart.mjs";
import { pace, useGet, usePolling, useReading } from "../data.mjs";
import { familyPath } from "../families.mjs";
import { batch } from "../graph.mjs";
import { Loading, Problem } from "../problem.mjs";
import { readCounts, readFleet } from "../rollout.mjs";
import { address, requestOf, segment } from "../route.mjs";
import { instant, moment, present } from "../time.mjs";
import { Assignments, Text } from "./script_text.mjs";
import { FailuresTab } from "./failures.mjs";
import { Rollout } from "./rollout.mjs";
import { StateSheet } from "./state_sheet.mjs";
import { StatesTab } from "./states.mjs";
import { UsersTab } from "./user_states.mjs";

/** The properties of the head; `scriptContent` is read where it is shown. */
const EXPAND = { $expand: "assignments" };

export default function Script({ route, family, id, rest }) {
  const path = `${familyPath(family)}/${segment(id)}`;
  const script = useGet(requestOf(path, EXPAND));
  const numbers = useCounts(path, family);
  const users = useReading(`users ${path}`, async (signal) => (await batch([`${path}/userRunStates/$count`], { signal }))[0].data);
  const tab = tabOf(route, rest);
  useTabTitle(script.value?.displayName);
  // Until there is a tab, which shows its own request.
  useShown("GET", requestOf(path, EXPAND), false);
  if (script.error) return html`<${Gone} error=${script.error} />`;
  if (!script.value) return html`<${Loading} rows=${5} label="Reading the script" />`;
  const props = { route, path, family, script: script.value, numbers, rest };
  return html`<${Title} ...${props} />
    <${Rollout} ...${props} />
    <${Tabs} path=${path} tab=${tab} script=${script.value} numbers=${numbers.value} users=${users.value} />
    <${TABS[tab]} ...${props} />
    ${rest[0] === "deviceRunStates" && rest[1] && html`<${StateSheet} ...${props} id=${rest[1]} tab=${tab} />`}`;
}

const TABS = { failures: FailuresTab, devices: StatesTab, users: UsersTab, assignments: Assignments, script: Text };

// The tab follows from the path. Failures and devices share one: the filter or the state says which.
function tabOf(route, rest) {
  const set = rest[0]?.toLowerCase();
  if (set === "userrunstates") return "users";
  if (set === "assignments") return "assignments";
  if (set === "scriptcontent") return "script";
  if (route.ui.tab && TABS[route.ui.tab]) return route.ui.tab;
  return set === "devicerunstates" && !/'(fail|scriptError)'/.test(route.query.$filter ?? "") ? "devices" : "failures";
}

function useCounts(path, family) {
  const [live, setLive] = useState(null);
  const measure = useMemo(pace, [path]);
  const before = useRef(null);
  const read = useReading(`counts ${path}`, async (signal) => {
    const [numbers, fleet] = await Promise.all([readCounts(path, signal), readFleet(family.system, signal)]);
    return { ...numbers, fleet: Math.max(fleet, numbers.total) };
  });
  useEffect(() => () => rate.set(null), [path]);
  usePolling(path, async (signal) => {
    const numbers = await readCounts(path, signal);
    const hasChanged = before.current !== numbers.total;
    before.current = numbers.total;
    rate.set(measure(numbers.total));
    setLive({ path, ...numbers });
    return hasChanged;
  });
  if (!read.value || live?.path !== path) return read;
  return { ...read, value: { ...read.value, ...live, fleet: Math.max(read.value.fleet, live.total) } };
}

function Title({ path, family, script }) {
  const { displayName, fileName, runAsAccount, runAs32Bit, assignments = [], lastModifiedDateTime } = script;
  const facts = [runAsAccount && `as ${runAsAccount}`, runAs32Bit === undefined ? null : `${runAs32Bit ? 32 : 64}-bit`].filter(Boolean).join(", ");
  return html`<p class="crumbs"><a href=${address(familyPath(family), {}, { show: "all" })}>Scripts</a><span aria-hidden="true">/</span><a href=${address(familyPath(family))}>${family.name}</a></p>
    <div class="heading"><div class="words-of">
      <h1 class="breaks title" title=${visible(displayName)}>${named(displayName)}</h1>
      <p class="facts small"><code class="breaks">${visible(fileName)}</code>${facts && html`<span>${facts}</span>`}<span>${targets(assignments)}</span><span>changed ${moment(instant(lastModifiedDateTime), present())}</span></p>
    </div>
    <div class="actions wide-only"><a class="button" href=${address(`${path}/scriptContent`)}>View script</a></div></div>`;
}

function targets(assignments) {
  if (assignments.length === 0) return "assigned to nobody";
  const kinds = assignments.map(({ target }) => target?.["@odata.type"] ?? "");
  if (kinds.some((kind) => kind.endsWith("allDevicesAssignmentTarget"))) return "assigned to all devices";
  if (kinds.some((kind) => kind.endsWith("allLicensedUsersAssignmentTarget"))) return "assigned to all users";
  return `assigned to ${counted(assignments.length, "group")}`;
}

function Tabs({ path, tab, script, numbers, users }) {
  const tabs = [
    ["failures", "Failures", address(path), numbers?.failing],
    ["devices", "Devices", address(`${path}/deviceRunStates`), numbers?.total],
    ["users", "Users", address(`${path}/userRunStates`), users],
    ["assignments", "Assignments", address(`${path}/assignments`), script.assignments?.length],
    ["script", "Script", address(`${path}/scriptContent`), undefined],
  ];
  const bar = useRef(null);
  // On a phone, the tab that is shown may be beyond the edge.
  useLayoutEffect(() => {
    const current = bar.current.querySelector("[aria-current]");
    bar.current.scrollLeft = current.offsetLeft - bar.current.offsetLeft - (bar.current.clientWidth - current.clientWidth) / 2;
  }, [tab, users]);
  return html`<nav class="tabs" aria-label="Parts of the script" ref=${bar}>${tabs.map(([id, name, href, count]) => html`<a href=${href} aria-current=${id === tab ? "page" : null}>
    ${name}${count !== undefined && count !== null && html` <span class="number">${grouped(Number(count))}</span>`}</a>`)}</nav>`;
}

function Gone({ error }) {
  return html`<${Problem} error=${error}>${error.status === 404 && html`<p>The script may have been deleted, or belongs to another tenant.</p>`}
    <p><a class="button" href="#">All scripts</a></p></${Problem}>`;
}

function useTabTitle(name) {
  useEffect(() => {
    if (name) document.title = `${visible(name)} – Runstate`;
    return () => (document.title = "Runstate");
  }, [name]);
}

// All scripts: how each went against the fleet, the failing ones first. It knows the counts of scripts,
// and no single state.
import { html, named, rate, useEffect, useMemo, useShown, useState, visible } from "../html.mjs";
import { Bars, Ribbon, counted, grouped, percent } from "../chart.mjs";
import { familiesOf, readDay, readScripts, scriptsRequest, setCounts } from "../fleet.mjs";
import { pace, usePolling, useReading } from "../data.mjs";
import { FAMILIES, familyPath } from "../families.mjs";
import { Icon } from "../shapes.mjs";
import { FilterChip, Rows, useNarrow } from "../list.mjs";
import { Empty, Loading, Problem } from "../problem.mjs";
import { address, literalText, navigate, segment, setState } from "../route.mjs";
import { ago, present } from "../time.mjs";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ORDERS = {
  name: (a, b) => a.name.localeCompare(b.name),
  failing: (a, b) => b.failing - a.failing || ORDERS.name(a, b),
  last: (a, b) => (b.last || 0) - (a.last || 0) || ORDERS.name(a, b),
};

export default function Scripts({ route, family }) {
  const isAll = route.ui.show === "all";
  const filter = route.query.$filter ?? null;
  const families = familiesOf(family, isAll);
  const [turn, setTurn] = useState(0);
  const key = `${families.map(({ set }) => set)} ${filter}`;
  const read = (signal, devices) => readScripts(families, filter, signal, devices);
  const { value, error } = useReading(key, read);
  const live = useLive(key, (signal) => read(signal, value?.devices), () => setTurn((old) => old + 1));
  // The last day costs more than the scripts, so that it is read after them.
  const isThere = value !== null;
  const { value: day } = useReading(`day ${key} ${isThere}`, async (signal) => (isThere ? readDay(families, filter, present(), signal) : null), turn);
  const found = live ?? value;
  useShown("GET", scriptsRequest(family, filter));
  useEffect(() => {
    if (found && isAll && !filter) setCounts({ scripts: found.scripts.length });
    if (day && !Number.isNaN(day.devices)) setCounts({ devices: day.devices });
  }, [found, day]);
  return html`<div class="heading"><div>
      <h1>Scripts</h1>
      <p class="facts number">${found ? `${counted(found.scripts.length, "script")}, ${day ? `${counted(day.devices, "device")}, ` : ""}${counted(sum(found.scripts, "total"), "run state")}` : " "}</p>
    </div></div>
    ${error && !found ? html`<${Problem} error=${error} />` : html`
      <${Figures} found=${found} reports=${day?.reports} />
      <${Choice} route=${route} family=${family} isAll=${isAll} filter=${filter} />
      ${found ? html`<${Table} scripts=${found.scripts} devices=${found.devices} reports=${day?.reports} order=${route.ui.sort} isFiltered=${Boolean(filter)} />` : html`<${Loading} rows=${8} />`}`}`;
}

// Reads the scripts again and again, and measures how many reports come in: the latest value, or null. The
// last day is read again at most once a minute.
function useLive(key, read, readDayAgain) {
  const [live, setLive] = useState({ key, value: null });
  const before = useMemo(() => ({ measure: pace(), text: "", day: { text: null, at: performance.now() } }), [key]);
  useEffect(() => () => rate.set(null), []);
  usePolling(key, async (signal) => {
    const [value, now] = [await read(signal), performance.now()];
    const text = textOf(value);
    const hasChanged = text !== before.text;
    before.text = text;
    rate.set(before.measure(sum(value.scripts, "total")));
    setLive({ key, value });
    before.day.text ??= text;
    if (text !== before.day.text && now - before.day.at >= MINUTE) {
      before.day = { text, at: now };
      readDayAgain();
    }
    return hasChanged;
  });
  return live.key === key ? live.value : null;
}

// What changes with each report.
const textOf = ({ scripts }) => scripts.map(({ id, total, last }) => `${id} ${total} ${last}`).join();

function Figures({ found, reports }) {
  const scripts = found?.scripts ?? [];
  const ofReports = (name) => (reports ? [...reports.values()].reduce((all, report) => all + report[name], 0) : null);
  const [total, failing, pending] = [sum(scripts, "total"), sum(scripts, "failing"), scripts.reduce((all, { counts }) => all + (counts.pending ?? 0), 0)];
  const [hour, failed] = [ofReports("hour"), ofReports("failed")];
  const most = (numbers, all) => (all ? `${percent(Math.max(...numbers), all)} from one script` : " ");
  const shown = (number) => (found && number !== null ? grouped(number) : html`<span class="skeleton short"></span>`);
  return html`<div class="card figures">
    <div>Reports, last hour<strong>${shown(hour)}</strong>${hour >= 60 ? `${grouped(Math.round(hour / 60))} a minute` : " "}</div>
    <div>Failing now<strong class=${failing ? "bad" : ""}>${shown(failing)}</strong>${total ? `${percent(failing, total)} of all states` : " "}</div>
    <div>Failed since yesterday<strong>${shown(failed)}</strong>${reports ? most([...reports.values()].map((report) => report.failed), failed) : " "}</div>
    <div>Pending<strong>${shown(pending)}</strong>${most(scripts.map(({ counts }) => counts.pending ?? 0), pending)}</div>
  </div>`;
}

function Choice({ route, family, isAll, filter }) {
  const name = /^contains\(displayName,'((?:[^']|'')*)'\)$/.exec(filter ?? "")?.[1].replaceAll("''", "'");
  const search = (event) => {
    const text = event.target.value.trim();
    const query = { ...route.query, $filter: text ? `contains(displayName,${literalText(text)})` : null };
    navigate(address(route.path, query, route.ui), { replace: true });
  };
  const link = (text, href, isOn) => html`<a class="chip" href=${href} aria-current=${isOn ? "true" : null}>${text}</a>`;
  return html`<div class="chips">
    ${link("All", address(familyPath(FAMILIES[0]), { $filter: filter }, { show: "all" }), isAll)}
    ${FAMILIES.map((one) => link(one.name, address(familyPath(one), { $filter: filter }), !isAll && one === family))}
    ${filter && name === undefined && html`<${FilterChip} filter=${filter} href=${address(route.path, {}, route.ui)} />`}
    <label class="end field"><span class="hidden">Name contains</span><${Icon} name="search" size=${15} /><input type="search" placeholder="Name contains" value=${name ?? ""} onInput=${search} spellcheck="false" /></label>
  </div>`;
}

function Table({ scripts, devices, reports, order, isFiltered }) {
  const isNarrow = useNarrow();
  const [now, setNow] = useState(present());
  useEffect(() => {
    const timer = setInterval(() => setNow(present()), 30_000);
    return () => clearInterval(timer);
  }, []);
  const sorted = useMemo(() => [...scripts].sort(ORDERS[order] ?? ORDERS.failing), [scripts, order]);
  if (scripts.length === 0) return html`<${Nothing} isFiltered=${isFiltered} />`;
  const head = (text, name) => html`<button class="plain sort" aria-label=${`Sort by ${text}`} aria-pressed=${String((order ?? "failing") === name)} onClick=${() => setState({ sort: name === "failing" ? null : name })}>${text}${(order ?? "failing") === name ? " ↓" : ""}</button>`;
  const columns = [
    { name: head("Script", "name") }, { name: "How it went", className: "went" }, { name: head("Failing", "failing"), className: "right" },
    { name: "Reports, 24 h", className: "wide-only" }, { name: head("Last report", "last"), className: "right wide-only" },
  ];
  return html`<div class="card scripts"><${Rows} label="Scripts" total=${sorted.length} height=${isNarrow ? 76 : 56} columns=${columns}
    row=${(number) => html`<${Script} script=${sorted[number]} devices=${devices} report=${reports?.get(sorted[number].id)} now=${now} />`} /></div>`;
}

function Script({ script, devices, report, now }) {
  const { id, name, file, family, total, failing, last, counts } = script;
  const path = `${familyPath(family)}/${segment(id)}`;
  const fleet = Math.max(devices[family.system], total);
  const isRolling = total > 0 && total < fleet * 0.95 && now - last < HOUR;
  return html`<div role="cell" class="script"><span class="tile"><${Icon} name=${family.icon} size=${16} /></span><div class="words-of">
      <a class="name cut cover" href=${address(path)} title=${visible(name)}>${named(name)}</a><span class="small muted cut">${[visible(file), family.name === "Custom attributes" ? "Custom attribute" : family.name].filter(Boolean).join(" · ")}</span></div></div>
    <div role="cell" class="went"><${Ribbon} counts=${counts} total=${fleet} /><span class="small muted number wide-only">${total === 0 ? "nobody has reported" : `${grouped(counts.success)} of ${grouped(fleet)} succeeded`}</span></div>
    <div role="cell" class="right number">${failing ? html`<a class="failing" href=${address(path)}>${grouped(failing)}</a><span class="small muted">${percent(failing, fleet)}</span>` : html`<span class="muted">0</span>`}</div>
    <div role="cell" class="wide-only">${report && html`<${Bars} values=${report.bars} label=${`${grouped(report.bars.reduce((all, count) => all + count, 0))} reports in 24 hours`} />`}</div>
    <div role="cell" class="right wide-only">${isRolling ? html`<strong class="rolling">rolling out</strong>` : html`<span class="muted">${ago(last, now)}</span>`}</div>`;
}

function Nothing({ isFiltered }) {
  if (isFiltered) return html`<${Empty} title="No script matches"><p><a href=${address(familyPath(FAMILIES[0]), {}, { show: "all" })}>Show all scripts</a></p></${Empty}>`;
  return html`<${Empty} title="There are no scripts yet">
    <p>Create one with the API, or fill the server with a simulated fleet:</p>
    <pre class="output">runstate simulate</pre>
  </${Empty}>`;
}

const sum = (scripts, name) => scripts.reduce((all, script) => all + script[name], 0);

// The failures of a script in groups by cause, and the group that the address names. It knows how groups
// are shown, and not how they are read.
import { html, useEffect, useMemo, useReducer, useShown, useState, visible } from "../html.mjs";
import { Bars, counted, grouped } from "../chart.mjs";
import { short } from "../codes.mjs";
import { Failures, STOP, arrivals, failing, failuresRequest } from "../groups.mjs";
import { FilterChip, useNarrow } from "../list.mjs";
import { Empty, Loading, Problem } from "../problem.mjs";
import { address, setState } from "../route.mjs";
import { parts } from "../signature.mjs";
import { FAILURES, StateShape } from "../shapes.mjs";
import { ago, DAY, literal, present, startOfDay } from "../time.mjs";
import { Group } from "./group.mjs";
import { ExportButton } from "./export.mjs";

const HOUR = 3_600_000;
const SINCE = /lastStateUpdateDateTime ge (\S+)/;

export function FailuresTab({ route, path, family, numbers }) {
  const filter = route.query.$filter ?? failing();
  const conditions = useMemo(() => split(filter), [filter]);
  const [failures, error, more] = useFailures(path, conditions, family.system);
  useShown("GET", failuresRequest(path, filter));
  const groups = failures.sorted();
  const selected = groups.find(({ key }) => key === route.ui.group) ?? null;
  const isNarrow = useNarrow();
  const shown = selected ?? (isNarrow ? null : groups[0]);
  const status = failures.isWhole ? `${counted(failures.count, "failure")} read, ${counted(groups.length, "group")}` : `${grouped(failures.count)}${numbers.value ? ` of ${grouped(Math.max(numbers.value.failing, failures.count))}` : ""} read`;
  if (numbers.value?.total === 0 && failures.count === 0 && !route.query.$filter) return html`<div class="chips"></div><${NoFailures} path=${path} numbers=${numbers.value} />`;
  return html`<${Choice} path=${path} filter=${filter} status=${status} failures=${failures} more=${more} />
    ${error && html`<${Problem} error=${error} />`}
    ${groups.length === 0 && !error && (failures.isWhole ? html`<${NoFailures} path=${path} filter=${filter} numbers=${numbers.value} />` : html`<${Loading} rows=${4} label="Reading failures" />`)}
    ${groups.length > 0 && html`<div class=${`split${selected ? " chosen" : ""}`}>
      <ol class="card groups" aria-label="Groups of failures">${groups.slice(0, 200).map((group) => html`<${Entry} key=${group.key} group=${group} isSelected=${group === shown} failures=${failures} />`)}
        ${groups.length > 200 && html`<li class="small muted">${grouped(groups.length - 200)} smaller groups are not shown</li>`}</ol>
      ${shown && html`<${Group} key=${shown.key} group=${shown} all=${failures.all} path=${path} size=${shown.states.length} family=${family} isReading=${failures.isReading} />`}
    </div>`}`;
}

function Entry({ group, isSelected, failures }) {
  const now = present();
  const isNew = group.first >= startOfDay(now) && failures.isWhole;
  const bars = arrivals(group.states, now - DAY, now, 24);
  return html`<li class=${isSelected ? "selected" : ""}><button aria-pressed=${String(isSelected)} onClick=${() => setState({ group: group.key }, { replace: false })}>
    <span class="cause"><${Cause} group=${group} /></span><strong class="number">${grouped(group.states.length)}</strong>
    <span class="small muted facts-line"><${StateShape} state=${group.runState} size=${14} /><code>${short(group.code)}</code>${isNew && html`<span class="badge">new today</span>`}${ago(group.last, now)}</span>
    <${Bars} values=${bars} kind=${group.runState} width=${64} height=${20} label=${`${grouped(bars.reduce((sum, number) => sum + number, 0))} in 24 hours`} />
  </button></li>`;
}

/** The signature of a group, its gaps as chips. */
export function Cause({ group }) {
  if (!group.signature) return html`<span class="muted">No output</span>`;
  return parts(group.signature).map((part) => (part.gap ? html`<span class="gap">${part.gap}</span>` : part.text));
}

function Choice({ path, filter, status, failures, more }) {
  const now = present();
  const since = SINCE.exec(filter)?.[1] ?? null;
  const kinds = FAILURES.filter((kind) => filter.includes(`'${kind}'`));
  const own = new Set([failing(kinds, since)]);
  const rest = own.has(filter) ? null : filter;
  const yesterday = literal(startOfDay(startOfDay(now) - 1));
  const hour = literal(Math.floor((now - HOUR) / 60_000) * 60_000);
  const to = (nextKinds, nextSince) => address(`${path}/deviceRunStates`, { $filter: failing(nextKinds, nextSince) }, { tab: "failures" });
  const span = since === null ? "all" : since === yesterday ? "yesterday" : Math.abs(Date.parse(since) - now + HOUR) < 5 * 60_000 ? "hour" : "since";
  const toggled = (kind) => (kinds.includes(kind) ? kinds.filter((other) => other !== kind) : FAILURES.filter((other) => other === kind || kinds.includes(other)));
  return html`<div class="chips">
    <a class="chip" href=${to(kinds, null)} aria-current=${span === "all" ? "true" : null}>All</a>
    <a class="chip" href=${to(kinds, yesterday)} aria-current=${span === "yesterday" ? "true" : null}>Since yesterday</a>
    <a class="chip" href=${to(kinds, hour)} aria-current=${span === "hour" ? "true" : null}>Last hour</a>
    ${span === "since" && html`<span class="chip on">since ${since}</span>`}
    ${FAILURES.map((kind) => html`<a class="chip" href=${to(toggled(kind).length ? toggled(kind) : FAILURES, since)} aria-current=${kinds.includes(kind) ? "true" : null}><${StateShape} state=${kind} size=${14} />${kind}</a>`)}
    ${rest && html`<${FilterChip} filter=${rest} href=${to(FAILURES, null)} />`}
    <span class="end"><span class="muted small number" role="status">${status}</span>
    ${!failures.isWhole && failures.count >= failures.limit && html`<button onClick=${more}>Read ${grouped(STOP)} more</button>`}
    <${ExportButton} request=${failuresRequest(path, filter)} name="failures" /></span>
  </div>`;
}

function NoFailures({ path, filter, numbers }) {
  if (numbers?.total === 0) return html`<${Empty} title="Nobody has run this script yet"><p class="muted">Failures appear here as soon as a device reports one.</p></${Empty}>`;
  if (numbers?.failing) return html`<${Empty} title="No failure matches"><p class="breaks"><code>${visible(filter)}</code></p><p><a class="button" href=${address(path)}>All ${grouped(numbers.failing)} failures</a></p></${Empty}>`;
  return html`<${Empty} title="Nothing fails"><p class="muted">Every device that ran this script has done so without an error.</p></${Empty}>`;
}

// Two conditions of one kind each are served by an index; one with both is not.
function split(filter) {
  const found = /^\(?runState eq 'fail' or runState eq 'scriptError'\)?( and .+)?$/.exec(filter);
  return found ? FAILURES.map((kind) => `runState eq '${kind}'${found[1] ?? ""}`) : [filter];
}

function useFailures(path, conditions, system) {
  const [, draw] = useReducer((turns) => turns + 1, 0);
  const [error, setError] = useState(null);
  const [failures, abort] = useMemo(() => [new Failures(path, conditions, system), new AbortController()], [path, conditions]);
  const read = () => failures.read(abort.signal, draw).catch((reason) => abort.signal.aborted || setError(reason));
  useEffect(() => {
    setError(null);
    read();
    return () => abort.abort(new DOMException("The view is gone.", "AbortError"));
  }, [failures]);
  const more = () => {
    failures.limit += STOP;
    read();
  };
  return [failures, error, more];
}


// Failures of a script, read page by page and grouped by cause: state, code and signature of the output.
// It knows no component.
import { SELECTED, Tally } from "./common.mjs";
import { ROOT } from "./families.mjs";
import { get } from "./graph.mjs";
import { requestOf } from "./route.mjs";
import { VERSION, signature } from "./signature.mjs";
import { FAILURES } from "./shapes.mjs";
import { instant } from "./time.mjs";

/** After so many states the reader stops, until the user wants more. */
export const STOP = 50_000;

const SELECT = "id,runState,errorCode,errorDescription,resultMessage,lastStateUpdateDateTime";
const EXPAND = `managedDevice($select=id,deviceName,userPrincipalName,operatingSystem,${SELECTED})`;
/** So many devices of the same system show which properties of a group are worth a comparison with all devices. */
export const SAMPLE = 1000;

/** The condition of failures: of both kinds or one, since an instant, and whatever else is asked. */
export function failing(kinds = FAILURES, since = null, more = null) {
  const kind = kinds.map((name) => `runState eq '${name}'`).join(" or ");
  const parts = [kinds.length > 1 && (since || more) ? `(${kind})` : kind];
  if (since) parts.push(`lastStateUpdateDateTime ge ${since}`);
  if (more) parts.push(more);
  return parts.join(" and ");
}

/** The request of failures with a condition, as the view shows it. */
export const failuresRequest = (path, condition) => requestOf(`${path}/deviceRunStates`, { $filter: condition, $select: SELECT, $expand: EXPAND });

/** Reads failures of a script: call `read`, which tells `changed` of each page. */
export class Failures {
  constructor(path, conditions, system) {
    this.next = conditions.map((condition) => failuresRequest(path, condition));
    this.system = system;
    this.groups = new Map();
    this.all = new Tally();
    this.count = 0;
    this.limit = STOP;
    this.isReading = true;
  }

  /** Whether there are pages that were not read. */
  get isWhole() {
    return this.next.every((link) => link === null);
  }

  /** The groups, the largest first. */
  sorted() {
    return [...this.groups.values()].sort((a, b) => b.states.length - a.states.length || a.key.localeCompare(b.key));
  }

  async read(signal, changed) {
    this.isReading = true;
    const sample = this.all.devices === 0 ? this.readSample(signal) : null;
    await Promise.all([sample, ...this.next.map((_, at) => this.readAll(at, signal, changed))]);
    this.isReading = false;
    changed();
  }

  async readAll(at, signal, changed) {
    while (this.next[at] && this.count < this.limit) {
      const { data } = await get(this.next[at], { signal });
      for (const state of data.value) this.add(state);
      this.next[at] = data["@odata.nextLink"] ?? null;
      changed();
    }
  }

  async readSample(signal) {
    const query = { $filter: `operatingSystem eq '${this.system}'`, $select: SELECTED, $top: SAMPLE };
    const { data } = await get(requestOf(`${ROOT}/managedDevices`, query), { signal });
    for (const device of data.value) this.all.add(device);
  }

  add(state) {
    const text = signature(state.resultMessage || state.errorDescription || "");
    const key = [VERSION, state.runState, state.errorCode, hash(text)].join(".");
    let group = this.groups.get(key);
    if (!group) {
      group = { key, runState: state.runState, code: state.errorCode, signature: text, states: [], tally: new Tally(), first: Infinity, last: -Infinity };
      this.groups.set(key, group);
    }
    const at = instant(state.lastStateUpdateDateTime);
    // The output is read again where it is shown: thousands of them would fill the memory.
    group.states.push({ id: state.id, at, device: state.managedDevice });
    group.tally.add(state.managedDevice);
    group.first = Math.min(group.first, at);
    group.last = Math.max(group.last, at);
    this.count += 1;
  }
}

/** How many states of a group came in each of `bars` parts of the time from `from` to `to`. */
export function arrivals(states, from, to, bars) {
  const counts = Array(bars).fill(0);
  for (const { at } of states) {
    const bar = Math.floor(((at - from) / (to - from)) * bars);
    if (bar >= 0 && bar < bars) counts[bar] += 1;
    else if (at === to) counts[bars - 1] += 1;
  }
  return counts;
}

// FNV-1a: short enough for an address, and the same in every browser.
function hash(text) {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value.toString(16).padStart(8, "0");
}

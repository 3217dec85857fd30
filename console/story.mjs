// The story of one device: each report of each script, out of the history of its run states. It knows
// no component.
import { FAMILIES, familyPath } from "./families.mjs";
import { batch, get } from "./graph.mjs";
import { literalText, requestOf } from "./route.mjs";
import { FAILURES } from "./shapes.mjs";
import { instant } from "./time.mjs";

// A script has one state on a device, or one for each of its users.
const STATES = 10;
const VERSIONS = 10;
const STATE = "id,runState,resultMessage,lastStateUpdateDateTime,errorCode,errorDescription";
const VERSION = "version,runState,resultMessage,lastStateUpdateDateTime,errorCode,errorDescription,validFrom";

/** The request for the reports of a device of one family. */
export function storyRequest(family, deviceId) {
  const history = `history($top=${VERSIONS};$select=${VERSION})`;
  const states = `deviceRunStates($filter=managedDevice/id eq ${literalText(deviceId)};$top=${STATES};$select=${STATE};$expand=${history})`;
  return requestOf(familyPath(family), { $select: "id,displayName", $expand: states });
}

/**
 * The scripts that have reported from a device, the failing ones first:
 * `{ scripts, events, isCut }`. An event is a report: `{ key, script, state, stateId, at }`, the newest
 * first; `isCut` says that there is more history than was read.
 */
export async function readStory(deviceId, signal) {
  const replies = await batch(FAMILIES.map((family) => storyRequest(family, deviceId)), { signal });
  const failed = replies.find(({ error }) => error);
  if (failed) throw failed.error;
  const scripts = [];
  for (const [at, { data }] of replies.entries()) {
    for (const entity of await whole(data, signal)) {
      if (entity.deviceRunStates.length) scripts.push(scriptOf(entity, FAMILIES[at]));
    }
  }
  const weight = ({ latest }) => (FAILURES.includes(latest?.state.runState) ? 0 : 1);
  scripts.sort((a, b) => weight(a) - weight(b) || a.name.localeCompare(b.name));
  const events = scripts.flatMap(({ events }) => events).sort((a, b) => b.at - a.at);
  return { scripts, events, isCut: scripts.some(({ isCut }) => isCut) };
}

/** The reports that were made between two instants. */
export const between = (events, from, to) => events.filter(({ at }) => at >= from && at < to);

function scriptOf(entity, family) {
  const script = { id: entity.id, name: entity.displayName ?? "", family, path: `${familyPath(family)}/${entity.id}` };
  script.events = entity.deviceRunStates.flatMap((state) => reports(script, state)).sort((a, b) => b.at - a.at);
  script.latest = script.events[0];
  script.isCut = Boolean(entity["deviceRunStates@odata.nextLink"]) || entity.deviceRunStates.some((state) => state["history@odata.nextLink"]);
  return script;
}

// The history has the current version too. A server that hides history has the state alone.
function reports(script, state) {
  const versions = state.history?.length ? state.history : [state];
  return versions.map((version) => {
    const reported = instant(version.lastStateUpdateDateTime);
    // A client may leave the time out: then it is the first year that there is.
    const at = reported > 0 ? reported : instant(version.validFrom);
    return { key: `${script.id} ${state.id} ${version.version ?? ""}`, script, state: version, stateId: state.id, at };
  });
}

async function whole(page, signal) {
  const entities = [...page.value];
  for (let next = page["@odata.nextLink"]; next;) {
    const { data } = await get(next, { signal });
    entities.push(...data.value);
    next = data["@odata.nextLink"];
  }
  return entities;
}

// Requests to begin with, for a script and a device that exist. It knows no component.
import { ROOT } from "./families.mjs";
import { literal, present, startOfDay } from "./time.mjs";

const SCRIPTS = `${ROOT}/deviceManagementScripts`;

/** The requests: `{ name, method, target, body }`, made with the id of a script and that of a device. */
export function samples(scriptId, deviceId) {
  const script = `${SCRIPTS}/${scriptId}`;
  const yesterday = literal(startOfDay(startOfDay(present()) - 1));
  const state = { runState: "success", errorCode: 0, resultMessage: "Hello", lastStateUpdateDateTime: new Date().toISOString() };
  const requests = ["/$count", "/$count?$filter=runState eq 'fail'"].map((rest, at) => (
    { id: String(at + 1), method: "GET", url: `${script.replace("/beta", "")}/deviceRunStates${rest}` }));
  const get = (name, target) => ({ name, method: "GET", target, body: "" });
  return [
    { name: "Report a run state", method: "POST", target: `${script}/deviceRunStates`, body: JSON.stringify(state, null, 2) },
    get("Failed since yesterday", `${script}/deviceRunStates?$filter=runState eq 'fail' and lastStateUpdateDateTime ge ${yesterday}&$top=5&$count=true`),
    get("Everything of one device", `${SCRIPTS}?$select=displayName&$expand=deviceRunStates($filter=managedDevice/id eq '${deviceId}')`),
    get("Counts of a script", `${script}/runSummary`),
    get("Users with errors", `${script}/userRunStates?$filter=errorDeviceCount gt 0`),
    { name: "Two in one: $batch", method: "POST", target: "/beta/$batch", body: JSON.stringify({ requests }, null, 2) },
    get("Page by page", `${script}/deviceRunStates?$top=3&$select=id,runState`),
    get("What the API has", "/beta/$metadata?$format=json"),
  ];
}

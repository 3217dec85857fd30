// One user of a script: the states of the user's devices, and what they printed. It knows the requests
// of one user state.
import { html, named, parted, useShown, useState, visible } from "../html.mjs";
import { grouped } from "../chart.mjs";
import { useGet } from "../data.mjs";
import { DEVICES, familyPath } from "../families.mjs";
import { Output, told } from "../output.mjs";
import { Empty, Loading, Problem } from "../problem.mjs";
import { address, literalText, requestOf, segment } from "../route.mjs";
import { FAILURES, State } from "../shapes.mjs";
import { ago, instant, present } from "../time.mjs";

const PAGE = 200;

export default function User({ family, scriptId, userId }) {
  const script = `${familyPath(family)}/${segment(scriptId)}`;
  const path = `${script}/userRunStates/${segment(userId)}`;
  const request = requestOf(`${path}/deviceRunStates`, { $count: "true", $top: PAGE, $expand: "managedDevice($select=id,deviceName,model)", $orderby: "lastStateUpdateDateTime desc" });
  const { value: user, error } = useGet(path);
  const { value: states, error: problem } = useGet(request);
  const { value: named } = useGet(requestOf(script, { $select: "displayName" }));
  useShown("GET", request);
  if (error ?? problem) return html`<${Problem} error=${error ?? problem} />`;
  if (!user || !states) return html`<${Loading} rows=${6} label="Loading the user" />`;
  const { userPrincipalName, successDeviceCount, errorDeviceCount } = user;
  return html`<div class="heading"><div>
      <p class="crumbs"><a class="breaks" href=${address(script)}>${visible(named?.displayName) || "Script"}</a><span aria-hidden="true">/</span><a href=${address(`${script}/userRunStates`)}>Users</a></p>
      <h1 class="breaks isolated">${parted(visible(userPrincipalName || userId))}</h1>
      <p class="facts number"><span>${grouped(successDeviceCount)} succeeded</span><span class=${errorDeviceCount ? "bad" : ""}>${grouped(errorDeviceCount)} failed</span>
        ${userPrincipalName && html`<a href=${address(DEVICES, { $filter: `userPrincipalName eq ${literalText(userPrincipalName)}` })}>Devices of this user</a>`}</p>
    </div></div>
    ${states.value.length === 0 ? html`<${Empty} title="No device has reported for this user" />` : html`<${States} states=${states} script=${script} name=${named?.displayName} />`}`;
}

function States({ states, script, name }) {
  const [id, choose] = useState(null);
  const chosen = states.value.find((state) => state.id === id) ?? states.value.find(({ runState }) => FAILURES.includes(runState)) ?? states.value[0];
  const total = states["@odata.count"];
  const now = present();
  const device = ({ managedDevice }) => named(managedDevice?.deviceName, managedDevice?.id ?? "unknown device");
  return html`<div class="story">
    <section class="card reports" aria-label="Reports">
      ${states.value.map((state) => html`<button key=${state.id} class="event" data-row aria-current=${state === chosen ? "true" : null} onClick=${() => choose(state.id)}>
        <span class="event-state"><${State} state=${state.runState} /></span><time class="number muted">${ago(instant(state.lastStateUpdateDateTime), now)}</time>
        <span class="event-name cut" title=${device(state)}>${device(state)}</span>
        <span class="event-text small muted cut" title=${told(state)}>${told(state)}</span>
      </button>`)}
      ${total > states.value.length && html`<p class="more small muted">The latest ${grouped(states.value.length)} of ${grouped(total)}.</p>`}
    </section>
    <section class="card detail" aria-label="The report" aria-live="polite">
      <${Output} key=${chosen.id} state=${chosen} path=${script} script=${name ?? ""}
        device=${chosen.managedDevice && html`<a class="breaks" href=${address(`${DEVICES}/${segment(chosen.managedDevice.id)}`)}>${device(chosen)}</a>`} />
    </section>
  </div>`;
}

// One device: what it is, its last seven days as a lane for each script, and each report with what it
// printed. It knows the story of the device, and no request.
import { html, named, useEffect, useMemo, useRef, useShown, useState, visible } from "../html.mjs";
import { grouped } from "../chart.mjs";
import { useGet, useReading } from "../data.mjs";
import { DEVICES, FAMILIES } from "../families.mjs";
import { useNarrow } from "../list.mjs";
import { Output, told } from "../output.mjs";
import { Empty, Loading, Problem } from "../problem.mjs";
import { address, requestOf, segment } from "../route.mjs";
import { FAILURES, StateShape } from "../shapes.mjs";
import { between, readStory, storyRequest } from "../story.mjs";
import { ago, clock, date, instant, lastDays, moment, present } from "../time.mjs";

const DAYS = 7;
// Lanes and reports beyond these are shown on demand.
const LANES = 12;
const REPORTS = 100;
// Marks that are closer than this part of a lane would cover each other, on a wide page and on a phone.
const TOGETHER = { wide: 30, narrow: 14 };
const SELECT = "id,deviceName,userPrincipalName,userDisplayName,model,operatingSystem,osVersion,lastSyncDateTime,deviceCategoryDisplayName";

export default function Device({ id }) {
  const { value: device, error } = useGet(requestOf(`${DEVICES}/${segment(id)}`, { $select: SELECT }));
  const { value: story, error: problem } = useReading(`story ${id}`, (signal) => readStory(id, signal));
  useShown("GET", storyRequest(FAMILIES[0], id));
  if (error) return html`<${Gone} error=${error} />`;
  return html`<${Head} device=${device} />
    ${problem ? html`<${Problem} error=${problem} />` : story ? html`<${Story} story=${story} />` : html`<${Loading} rows=${7} label="Loading the reports" />`}`;
}

function Gone({ error }) {
  return html`<${Problem} error=${error}>${error.status === 404 && html`<p>The device may have been deleted, or belongs to another tenant.</p>`}
    <p><a class="button" href=${address(DEVICES)}>All devices</a></p></${Problem}>`;
}

function Head({ device }) {
  if (!device) return html`<div class="heading"><div><h1><span class="skeleton short"></span></h1><p class="facts"> </p></div></div>`;
  const { deviceName, userPrincipalName, userDisplayName, model, operatingSystem, osVersion, lastSyncDateTime, deviceCategoryDisplayName } = device;
  const sync = ago(instant(lastSyncDateTime), present());
  return html`<p class="crumbs"><a href=${address(DEVICES)}>Devices</a>${deviceCategoryDisplayName && html`<span aria-hidden="true">/</span><span class="breaks">${visible(deviceCategoryDisplayName)}</span>`}</p>
  <div class="heading"><div class="words-of">
    <h1 class="breaks title" title=${named(deviceName, device.id)}>${named(deviceName, device.id)}</h1>
    <p class="facts">
      ${userPrincipalName && html`<span class="breaks">${userDisplayName && html`<span class="strong">${visible(userDisplayName)}</span> `}${visible(userPrincipalName)}</span>`}
      ${model && html`<span class="breaks">${visible(model)}</span>`}
      ${operatingSystem && html`<span class="breaks">${visible(operatingSystem)} <code>${visible(osVersion)}</code></span>`}
      <span>${sync === "never" ? "never synced" : `last sync ${sync}`}</span>
    </p>
  </div></div>`;
}

function Story({ story }) {
  const { scripts, events } = story;
  const [key, choose] = useState(null);
  // Whoever looks at a device wants to know why it fails.
  const chosen = events.find((event) => event.key === key) ?? latestFailure(scripts) ?? events[0];
  if (!events.length) {
    return html`<${Empty} title="No script has reported from this device">
      <p>A report names its device by <code>managedDevice@odata.bind</code>.</p></${Empty}>`;
  }
  return html`<${Lanes} scripts=${scripts} chosen=${chosen} choose=${choose} />
    <div class="story">
      <${Reports} story=${story} chosen=${chosen} choose=${choose} />
      <section class="card detail" aria-label="The report" aria-live="polite">
        <${Output} key=${chosen.key} state=${chosen.state} stateId=${chosen.stateId} path=${chosen.script.path} script=${chosen.script.name} />
      </section>
    </div>`;
}

function latestFailure(scripts) {
  const failing = scripts.map(({ latest }) => latest).filter(({ state }) => FAILURES.includes(state.runState));
  return failing.sort((a, b) => b.at - a.at)[0];
}

function Lanes({ scripts, chosen, choose }) {
  const [isWhole, setWhole] = useState(false);
  const days = useMemo(() => lastDays(DAYS, present()), []);
  const [from, to] = [days[0].from, days.at(-1).to];
  const shown = isWhole ? scripts : scripts.slice(0, LANES);
  const states = [...new Set(shown.flatMap(({ events }) => between(events, from, to).map(({ state }) => state.runState)))];
  return html`<section class="card lanes">
    <header><h2>Seven days</h2><ul class="kinds">${states.map((state) => html`<li><${StateShape} state=${state} size=${14} />${state}</li>`)}</ul></header>
    <div class="grid">
      <div class="days" aria-hidden="true">${days.map(({ today }) => html`<span class=${today ? "today" : ""}></span>`)}</div>
      ${shown.map((script) => html`<${Lane} key=${script.id} script=${script} from=${from} to=${to} isChosen=${chosen.script === script} choose=${choose} />`)}
      <div class="names" aria-hidden="true">${days.map(({ name, short, today }) => html`<span class=${today ? "today" : ""}><span class="wide-only">${name}</span><span class="narrow-only">${short}</span></span>`)}</div>
    </div>
    ${shown.length < scripts.length && html`<p class="more"><button onClick=${() => setWhole(true)}>Show all ${grouped(scripts.length)} scripts</button></p>`}
  </section>`;
}

// A lane is one button: it leads to the latest report of its script. The marks are no targets, since
// those of two reports may be closer together than a finger is wide.
function Lane({ script, from, to, isChosen, choose }) {
  const now = present();
  const apart = (to - from) / (useNarrow() ? TOGETHER.narrow : TOGETHER.wide);
  const marks = between(script.events, from, to).reverse();
  const last = script.latest;
  const words = marks.map(({ state, at }) => `${state.runState} ${moment(at, now)}`).join(", ");
  return html`<button class=${`lane${isChosen ? " chosen" : ""}`} aria-pressed=${String(isChosen)} onClick=${() => choose(last.key)}>
    <span class="lane-name cut" title=${visible(script.name)}>${named(script.name)}</span><span class="hidden">: ${words || `${last.state.runState} ${moment(last.at, now)}`}</span>
    <span class="track" aria-hidden="true">${clusters(marks, apart).map(({ key, state, at, count }) => html`<span key=${key} class="lane-mark" style=${{ left: `${((at - from) / (to - from)) * 100}%` }}><${StateShape} state=${state.runState} />${count > 1 && html`<span class="times number">${count}×</span>`}</span>`)}
      ${marks.length === 0 && html`<span class="before small">${ago(last.at, now)}</span>`}</span>
  </button>`;
}

// Reports of one state that are close together are one mark with their number: the latest of them.
function clusters(marks, distance) {
  const found = [];
  for (const event of marks) {
    const last = found.at(-1);
    const isNear = last && event.at - last.at < distance && last.state.runState === event.state.runState;
    if (isNear) found[found.length - 1] = { ...event, count: last.count + 1 };
    else found.push({ ...event, count: 1 });
  }
  return found;
}

function Reports({ story, chosen, choose }) {
  const [limit, setLimit] = useState(REPORTS);
  const list = useRef(null);
  const isNew = useRef(true);
  const now = present();
  const shown = story.events.slice(0, limit);
  // The page begins at its top: only what the user chooses is scrolled to.
  useEffect(() => {
    if (!isNew.current) list.current.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
    isNew.current = false;
  }, [chosen.key]);
  return html`<section class="card reports" aria-label="Reports" ref=${list}>
    ${shown.map((event, at) => html`
      ${(at === 0 || date(shown[at - 1].at, now) !== date(event.at, now)) && html`<h3 key=${`day ${event.key}`}>${date(event.at, now)}</h3>`}
      <button key=${event.key} class="event" data-row aria-current=${event.key === chosen.key ? "true" : null} onClick=${() => choose(event.key)}>
        <${StateShape} state=${event.state.runState} />
        <span class="event-name cut" title=${visible(event.script.name)}><span class="hidden">${event.state.runState}: </span>${named(event.script.name)}</span><time class="number">${clock(event.at)}</time>
        <span class="event-text small muted cut" title=${told(event.state)}>${told(event.state)}</span>
      </button>`)}
    ${limit < story.events.length && html`<p class="more"><button onClick=${() => setLimit(story.events.length)}>Show all ${grouped(story.events.length)} reports</button></p>`}
    ${story.isCut && html`<p class="more small muted">The history of some states is longer than what is shown.</p>`}
  </section>`;
}

// The clock of a test tenant: what it shows, how fast it goes, and how it is advanced.
import { html, useEffect, useState } from "../html.mjs";
import { instant } from "../time.mjs";
import { send, useAction } from "../twin.mjs";

const STEPS = [["1 minute", "PT1M"], ["1 hour", "PT1H"], ["1 day", "P1D"], ["30 days", "P30D"]];

/** What a clock shows, in a line. The usual speed is not worth a word. */
export function ClockOf({ clock }) {
  return html`${utc(instant(clock.now))}${clock.rate !== 1 && html` <span class="muted">${speed(clock.rate)}</span>`}`;
}

/** The clock of the tenant at a path. `clock` is what the server said; `again` reads it anew. */
export function ClockPart({ path, clock, again }) {
  const { problem, run } = useAction();
  const set = async (method, suffix, value) => {
    if (await run(() => send(method, `${path}/clock${suffix}`, value))) again();
  };
  const submit = (event, act) => {
    event.preventDefault();
    act(new FormData(event.target));
  };
  return html`<section class="card clock">
    <p class="now number"><strong><${Ticking} clock=${clock} /></strong> <span class="muted">UTC, ${speed(clock.rate)}</span></p>
    <p class="small muted">Times, ids, tokens and retention of this tenant obey this clock. It goes forward only; a reset sets it back to its start.</p>
    ${problem && html`<p class="bad breaks" role="alert">${problem}</p>`}
    <div class="rows">
      <div class="actions" role="group" aria-label="Speed"><span class="what">Speed</span>
        <button aria-pressed=${String(clock.rate === 0)} onClick=${() => set("PUT", "", { rate: 0 })}>Freeze</button>
        <button aria-pressed=${String(clock.rate === 1)} onClick=${() => set("PUT", "", { rate: 1 })}>As usual</button>
        <form class="actions" onSubmit=${(event) => submit(event, (form) => set("PUT", "", { rate: Number(form.get("rate")) }))}>
          <input class="short" name="rate" type="number" min="0" step="any" required aria-label="Virtual seconds in a real one" placeholder="60" /><button>times as fast</button></form></div>
      <div class="actions" role="group" aria-label="Advance"><span class="what">Advance by</span>
        ${STEPS.map(([name, by]) => html`<button key=${by} onClick=${() => set("POST", "/advance", { by })}>${name}</button>`)}
        <form class="actions" onSubmit=${(event) => submit(event, (form) => set("POST", "/advance", { by: form.get("by").trim() }))}>
          <input class="short" name="by" required aria-label="Duration" placeholder="90s, PT2H" spellcheck="false" /><button>Advance</button></form></div>
      <form class="actions" aria-label="Advance to" onSubmit=${(event) => submit(event, (form) => set("POST", "/advance", { to: form.get("to").trim() }))}>
        <label class="what" for="clock-to">Advance to</label><input id="clock-to" name="to" required placeholder="2026-03-01T00:00:00Z" spellcheck="false" /><button>Go there</button></form>
    </div>
  </section>`;
}

// Goes on by itself between two replies of the server.
function Ticking({ clock }) {
  const [, draw] = useState(0);
  const [read, setRead] = useState({ clock, at: Date.now() });
  useEffect(() => setRead({ clock, at: Date.now() }), [clock.now, clock.rate]);
  useEffect(() => {
    const timer = setInterval(() => draw((turns) => turns + 1), 500);
    return () => clearInterval(timer);
  }, []);
  return utc(instant(read.clock.now) + (Date.now() - read.at) * read.clock.rate);
}

/** An instant in UTC, as far as a second: `2026-02-28 23:59:00`. */
export const utc = (at) => (Number.isNaN(at) ? "" : new Date(at).toISOString().slice(0, 19).replace("T", " "));

function speed(rate) {
  if (rate === 0) return "frozen";
  return rate === 1 ? "as fast as usual" : `${rate.toLocaleString("en")} times as fast`;
}

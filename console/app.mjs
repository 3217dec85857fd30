// The beginning: settings, sign-in, and then the view of the address, again whenever it changes.
import { html, render, shown, useEffect, useLayoutEffect, useState, useStore } from "./html.mjs";
import { counts, readCounts } from "./fleet.mjs";
import { FIRST, Foot, Head, Sections, applyTheme } from "./frame.mjs";
import { loaded } from "./graph.mjs";
import { Keys } from "./keys.mjs";
import { Empty, Loading, Problem, Strips } from "./problem.mjs";
import { VIEWS, route, viewOf } from "./route.mjs";
import { begin, session } from "./sign_in.mjs";

const SIGN_IN = { name: "sign-in", load: () => import("./views/sign_in.mjs") };

function App() {
  const { state, tenant } = useStore(session);
  const current = useStore(route);
  const found = viewOf(current);
  const numbers = useStore(counts);
  const { name, section } = found?.view ?? {};
  useEffect(() => {
    if (state === "in" && numbers.scripts === undefined && name !== "scripts" && name !== "twin") readCounts().catch(() => {});
  }, [state, tenant, name]);
  // The test twin has a sign-in of its own.
  if (state === "out" && section !== "twin") return html`<${Head} /><main id="view" class="view alone" tabindex="-1"><${View} view=${SIGN_IN} route=${current} /></main>`;
  return html`
    <a class="skip" href="#view" onClick=${skip}>Skip to the content</a>
    <${Head} />
    <${Sections} current=${section} counts=${numbers} />
    <div class="middle" data-scrolls><${Strips} /><main id="view" class="view" tabindex="-1">
      ${found ? html`<${View} key=${found.view.name} ...${found} route=${current} />` : html`<${Unknown} route=${current} />`}
    </main></div>
    <${Foot} />
    <${Keys} />`;
}

function skip(event) {
  event.preventDefault();
  document.getElementById("view").focus();
}

// A view is loaded once. Until then the frame is there already.
function View({ view, parameters, route: current }) {
  const [shownView, setLoaded] = useState(null);
  // A tab or a run state of the same script leaves the page where it is scrolled.
  const subject = current.segments.slice(0, 4).join("/");
  useEffect(() => {
    const abort = new AbortController();
    const load = loaded(view.load, abort.signal).then((module) => setLoaded({ Component: module.default }));
    // The other views come while nobody waits for them, so that they are there if the server is away.
    load.then(() => setTimeout(() => [SIGN_IN, ...VIEWS].forEach((other) => other.load().catch(() => {})), 1500)).catch(() => {});
    return () => abort.abort(new DOMException("The view is gone.", "AbortError"));
  }, [view]);
  useLayoutEffect(() => {
    document.querySelector("[data-scrolls]")?.scrollTo(0, 0);
  }, [subject]);
  if (!shownView) return html`<${Loading} label="Loading the view" />`;
  return html`<${shownView.Component} route=${current} ...${parameters} />`;
}

function Unknown({ route: current }) {
  useLayoutEffect(() => shown.set({ method: "GET", path: current.request, pages: false }), [current.request]);
  return html`<${Empty} title="No view shows this address">
    <p class="breaks"><code>${current.request}</code></p>
    <p>The API may know it all the same.</p>
    <p class="actions"><a class="button primary" href=${FIRST}>All scripts</a></p>
  </${Empty}>`;
}

applyTheme();
begin().then(
  () => render(html`<${App} />`, document.getElementById("app")),
  (error) => render(html`<main class="view alone"><${Problem} error=${{ message: `The settings of the console cannot be read: ${error.message}` }} /></main>`, document.getElementById("app")),
);

// The beginning: settings, sign-in, and then the view of the address, again whenever it changes.
import { html, render, shown, useEffect, useErrorBoundary, useLayoutEffect, useState, useStore, visible } from "./html.mjs";
import { counts, readCounts } from "./fleet.mjs";
import { FIRST, Foot, Head, Sections, applyTheme } from "./frame.mjs";
import { loaded } from "./graph.mjs";
import { Keys } from "./keys.mjs";
import { Empty, Loading, Problem, Strips } from "./problem.mjs";
import { VIEWS, address, route, viewOf } from "./route.mjs";
import { begin, readConfig, session } from "./sign_in.mjs";

const SIGN_IN = { name: "sign-in", load: () => import("./views/sign_in.mjs") };

function App() {
  const { state, tenant } = useStore(session);
  const current = useStore(route);
  const found = viewOf(current);
  const numbers = useStore(counts);
  const { name, section } = found?.view ?? {};
  // The list of all scripts counts them itself.
  const isCounted = name === "twin" || (name === "scripts" && current.ui.show === "all" && !current.query.$filter);
  useEffect(() => {
    if (state === "in" && numbers.scripts === undefined && !isCounted) readCounts().catch(() => {});
  }, [state, tenant, isCounted]);
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
  const [failure, recover] = useErrorBoundary();
  // A tab or a run state of the same script leaves the page where it is scrolled.
  const subject = current.segments.slice(0, 4).join("/");
  useEffect(() => {
    const abort = new AbortController();
    const load = loaded(view.load, abort.signal).then((module) => setLoaded({ Component: module.default }));
    // The other views come while nobody waits for them, so that they are there if the server is away.
    load.then(() => setTimeout(() => [SIGN_IN, ...VIEWS].forEach((other) => other.load().catch(() => {})), 1500)).catch(() => {});
    return () => abort.abort(new DOMException("The view is gone.", "AbortError"));
  }, [view]);
  useLayoutEffect(() => scrolled(positions.get(entry) ?? 0), [subject]);
  useEffect(() => recover(), [current.request]);
  if (failure) return html`<${Failed} error=${failure} again=${recover} />`;
  if (!shownView) return html`<${Loading} label="Loading the view" />`;
  return html`<${shownView.Component} route=${current} ...${parameters} />`;
}

// Where the page was scrolled, by the entries of the browser's history: going back finds the same row.
const positions = new Map();
const scroller = () => document.querySelector("[data-scrolls]");
let newest = Date.now();
let entry = numbered();
// Where the page is to be scrolled as soon as its content is there, or null.
let awaited = null;

// The number of the present entry. A new one has none yet.
function numbered() {
  if (!history.state?.entry) history.replaceState({ entry: (newest += 1) }, "");
  return history.state.entry;
}

route.subscribe(() => {
  // The page still shows what is left.
  positions.set(entry, awaited ?? scroller()?.scrollTop ?? 0);
  entry = numbered();
});

// Scrolls as soon as the content is tall enough, unless the user scrolls first.
function scrolled(top) {
  const box = scroller();
  box?.scrollTo(0, top);
  if (!box || box.scrollTop >= top) return undefined;
  awaited = top;
  const observer = new ResizeObserver(() => {
    box.scrollTo(0, top);
    if (box.scrollTop >= top) stop();
  });
  const stop = () => {
    awaited = null;
    observer.disconnect();
  };
  observer.observe(document.getElementById("view"));
  for (const name of ["wheel", "pointerdown", "keydown"]) box.addEventListener(name, stop, { once: true });
  return stop;
}

// Another server, or something before it, may send what no view expects.
function Failed({ error, again }) {
  return html`<${Problem} error=${error}>
    <p class="actions"><button onClick=${again}>Try again</button><a class="button" href=${FIRST}>All scripts</a></p>
  </${Problem}>`;
}

function Unknown({ route: current }) {
  useLayoutEffect(() => shown.set({ method: "GET", path: current.request, pages: false }), [current.request]);
  const isOfGraph = current.segments[0]?.toLowerCase() === "beta";
  return html`<${Empty} title="No view shows this address">
    <p class="breaks"><code>${visible(current.request)}</code></p>
    <p>${isOfGraph ? "The API may know it all the same: Query sends it." : html`An address of the console is a path of the API, and begins with <code>#/beta/deviceManagement</code>.`}</p>
    <p class="actions"><a class="button primary" href=${FIRST}>All scripts</a>${isOfGraph && html`<a class="button" href=${address(current.path, current.query, { view: "query" })}>Open in Query</a>`}</p>
  </${Empty}>`;
}

applyTheme();
const page = document.getElementById("app");
// Until the settings are there, the page says why it waits.
render(html`<main class="view alone"><${Strips} /></main>`, page);
loaded(readConfig).then(begin).then(() => render(html`<${App} />`, page));

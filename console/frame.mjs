// The frame around every view: head, sections, the bar at the foot with the request that the view shows,
// and the theme. It knows the sections, and not what a view does.
import { browserStore, createStore, html, rate, shown, useEffect, useRef, useState, useStore } from "./html.mjs";
import { FORMS, copied, toClipboard } from "./copy.mjs";
import { DEVICES, FAMILIES, familyPath } from "./families.mjs";
import { absolute } from "./graph.mjs";
import { address, parse } from "./route.mjs";
import { Search } from "./search.mjs";
import { Icon, Logo } from "./shapes.mjs";
import { moment } from "./time.mjs";
import { config, session, signOut } from "./sign_in.mjs";

const SECTIONS = [
  { id: "scripts", name: "Scripts", icon: "script", key: "s", href: address(familyPath(FAMILIES[0]), {}, { show: "all" }) },
  { id: "devices", name: "Devices", icon: "laptop", key: "d", href: address(DEVICES) },
  { id: "users", name: "Users", icon: "user", key: "u", href: address(familyPath(FAMILIES[0]), {}, { view: "users" }) },
  { id: "query", name: "Query", icon: "code", key: "q", href: address(familyPath(FAMILIES[0]), {}, { view: "query" }) },
];
const TWIN = { id: "twin", name: "Test twin", icon: "flask", key: "t", href: "#/twin/v1/tenants" };

/** The sections, each with the letter that goes to it after `g`. A server without a test twin has no section for it. */
export const sections = () => (config.get().twin ? [...SECTIONS, TWIN] : SECTIONS);

/** The address of the first section. */
export const FIRST = SECTIONS[0].href;

/** The head: mark, search, whether reports come in, theme, account. */
export function Head() {
  const { state } = useStore(session);
  return html`<header class="top">
    <a class="brand" href=${FIRST} aria-label="Runstate, all scripts"><${Logo} /><span>Runstate</span></a>
    ${state === "out" ? html`<span class="space"></span>` : html`<${Search} /><span class="space"></span><${Live} />`}
    <button class="plain round" aria-label="Switch between light and dark" onClick=${switchTheme}><${Icon} name="theme" /></button>
    ${state !== "out" && html`<${Account} />`}
  </header>`;
}

function Live() {
  const now = useStore(rate);
  if (now === null) return null;
  const text = now > 0 ? html`<strong class="number">${now.toLocaleString("en")}</strong> / min` : "quiet";
  return html`<span class="pill live" title="Reports a minute, as this page measures them"><span class=${now > 0 ? "dot on" : "dot"}></span><span class="words">${now > 0 ? "Live " : "Live, "}${text}</span></span>`;
}

function Account() {
  const { user, account, tenant, expires, issuer } = useStore(session);
  const initials = (user ?? "").split(/[\s@.]+/).filter(Boolean).slice(0, 2).map((word) => [...word][0].toUpperCase()).join("") || "?";
  const until = Number.isNaN(expires) ? "" : `Token until ${moment(expires, Date.now())}`;
  const note = html`<p class="breaks"><strong>${user}</strong>${account !== user && html`<br />${account}`}</p>
    <p class="small muted">${tenant && html`Tenant <code class="breaks">${tenant}</code><br />`}${until}</p>
    ${issuer && html`<p class="small muted">All tabs of this browser share the session at ${issuer}, and signing out ends it.</p>`}`;
  return html`<${Menu} label=${`${initials}: account ${user}`} className="avatar" choices=${[{ name: "Sign out", choose: signOut }]} note=${note}>${initials}</${Menu}>`;
}

/** The sections with their counts: `counts` has numbers by the ids of sections. */
export function Sections({ current, counts }) {
  const { permissions = [], state, tenant, user } = useStore(session);
  const [reads, writes] = [/^DeviceManagement\w+\.Read/, /^DeviceManagement\w+\.ReadWrite/].map((one) => permissions.some((name) => one.test(name)));
  return html`<nav class="sections" aria-label="Sections">
    <ul>${sections().map(({ id, name, icon, href }) => html`<li><a href=${href} class=${current === id ? "current" : ""} aria-current=${current === id ? "page" : null}>
      <${Icon} name=${icon} /><span class="name">${name}</span>${counts[id] !== undefined && html`<span class="number count">${counts[id].toLocaleString("en")}</span>`}
    </a></li>`)}</ul>
    <p class="who small muted breaks">${state === "out" ? "not signed in" : html`${user}<br />${writes ? "may read and write" : reads ? "may read" : "holds no permission"}
      ${tenant && html`<br /><span title=${`Tenant ${tenant}`}>tenant <code>${tenant.slice(0, 8)}</code></span>`}`}</p>
  </nav>`;
}

// What was copied last, for a moment.
const note = createStore("");

/** Copies the request that is shown in a form. */
export async function copyShown(form) {
  const { method, path, pages } = shown.get();
  const isDone = await toClipboard(copied(form.id, { method, url: absolute(path), pages }));
  note.set(isDone ? `${form.name} copied` : "This browser does not let a page copy.");
  setTimeout(() => note.set(""), 2500);
}

/** The bar at the foot: the request, to copy in several forms and to open in Query. */
export function Foot() {
  const request = useStore(shown);
  const said = useStore(note);
  if (!request) return null;
  const { method, path } = request;
  const choices = FORMS.map((form) => ({ name: form.name, key: form.key, choose: () => copyShown(form) }));
  const { path: target, query, ui } = parse(path);
  return html`<footer class="foot">
    <span class="verb">${method}</span>
    <code class="request" title=${path} tabindex="0"><${Request} path=${target} query=${query} /></code>
    <span class="said" role="status">${said}</span>
    <${Menu} label="Copy as" className="button" choices=${choices} align="right up"><${Icon} name="copy" size=${16} /><span class="words">Copy as</span></${Menu}>
    ${target.startsWith("/beta") && html`<a class="button words" href=${address(target, query, { ...ui, view: "query" })}>Open in Query</a>`}
  </footer>`;
}

// The filter tells more than the path, which is shortened from the left.
function Request({ path, query }) {
  const short = path.replace("/beta/deviceManagement/", "…/").replace(/\/([0-9a-f]{8})-[0-9a-f-]{20,}/g, "/$1…");
  const options = Object.entries(query);
  return html`${short}${options.map(([name, value], at) => html`${at ? "&" : "?"}<span class="option">${name}</span>=${value}`)}`;
}

/** `choices` are `{ name, key, choose }`, below a note; the button shows `children`. */
function Menu({ label, className = "", choices, align = "right", note, children }) {
  const [isOpen, setOpen] = useState(false);
  const box = useRef(null);
  useEffect(() => {
    if (!isOpen) return undefined;
    const outside = (event) => box.current.contains(event.target) || setOpen(false);
    addEventListener("pointerdown", outside);
    box.current.querySelector("[role=menuitem]")?.focus();
    return () => removeEventListener("pointerdown", outside);
  }, [isOpen]);
  const close = () => {
    setOpen(false);
    box.current.querySelector("button").focus();
  };
  const onKeyDown = (event) => {
    const items = [...box.current.querySelectorAll("[role=menuitem]")];
    const at = items.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const byKey = choices.findIndex(({ key }) => key === event.key);
    if (event.key === "Escape" && isOpen) close();
    else if (step && isOpen) items[(at + step + items.length) % items.length].focus();
    else if (byKey >= 0 && isOpen) items[byKey].click();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return html`<div class=${`menu ${align}`} ref=${box} onKeyDown=${onKeyDown}>
    <button class=${className} aria-haspopup="menu" aria-expanded=${String(isOpen)} aria-label=${label} onClick=${() => setOpen(!isOpen)}>${children}</button>
    ${isOpen && html`<div class="choices">${note && html`<div class="note-of">${note}</div>`}<div role="menu" aria-label=${label}>
      ${choices.map(({ name, key, choose }) => html`<button role="menuitem" onClick=${() => (close(), choose())}>${name}${key && html`<kbd>${key}</kbd>`}</button>`)}
    </div></div>`}
  </div>`;
}

// The choice of light or dark is kept in this browser.
const THEME = "runstate.theme";
const root = document.documentElement;

/** Applies the theme that was chosen before; without a choice, the one of the system holds. */
export function applyTheme() {
  const chosen = browserStore("localStorage")?.getItem(THEME);
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
}

function switchTheme() {
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  browserStore("localStorage")?.setItem(THEME, root.dataset.theme);
}

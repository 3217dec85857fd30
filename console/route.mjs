// The fragment of the address ↔ a request and the state of the page, and which view shows it.
// `#/beta/deviceManagement/deviceManagementScripts?$filter=…;group=3` is the request before the
// semicolon, and state that is no part of a request behind it. It knows no view's content.
import { familyOf } from "./families.mjs";
import { createStore } from "./html.mjs";

/** The address that an empty fragment means: the scripts of all families. */
export const HOME = "/beta/deviceManagement/deviceManagementScripts;show=all";

const OPTIONS = new Set(["select", "filter", "orderby", "expand", "top", "skip", "count", "skiptoken", "format", "at", "from", "to"]);
const KEY = /^([^(]+)\('(.*)'\)$/;

/**
 * A fragment as a route: `{ path, segments, query, ui, request }`. `segments` are decoded, with keys
 * in parentheses as segments of their own; `query` has options by their names with `$`; `request` is
 * path and query as they are sent.
 */
export function parse(hash) {
  const text = hash.replace(/^#/, "") || HOME;
  const end = endOfRequest(text);
  const target = text.slice(0, end);
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  const segments = path.split("/").filter(Boolean).map(decoded).flatMap(keyed);
  const query = pairs(mark < 0 ? "" : target.slice(mark + 1), "&");
  const named = Object.entries(query).map(([name, value]) => [OPTIONS.has(name) ? `$${name}` : name, value]);
  const route = { path, segments, query: Object.fromEntries(named), ui: pairs(text.slice(end + 1), ";") };
  return { ...route, request: requestOf(path, route.query) };
}

/** The fragment of a path with options and state. */
export function address(path, query = {}, ui = {}) {
  const state = Object.entries(ui).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return `#${requestOf(path, query)}${state.map(([name, value]) => `;${name}=${encoded(String(value))}`).join("")}`;
}

/** A path with its options, as it is sent. */
export function requestOf(path, query = {}) {
  const options = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  return path + (options.length ? `?${options.map(([name, value]) => `${name}=${encoded(String(value))}`).join("&")}` : "");
}

/** A key or a name as a segment of a path. */
export function segment(text) {
  return encodeURIComponent(text.toWellFormed()).replace(/%3A/g, ":");
}

/** A text as a literal of OData. */
export function literalText(text) {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The route that the page shows. */
export const route = createStore(parse(location.hash));

/** Goes to an address, such as `#/beta/…`. `replace` leaves no entry in the history of the browser. */
export function navigate(hash, { replace = false } = {}) {
  if (replace) history.replaceState(history.state, "", hash);
  else if (hash !== location.hash) history.pushState(null, "", hash);
  update();
}

/** Changes the state behind the request. A null removes it. */
export function setState(changes, options = { replace: true }) {
  const { path, query, ui } = route.get();
  navigate(address(path, query, { ...ui, ...changes }), options);
}

function update() {
  const next = parse(location.hash);
  if (JSON.stringify(next) !== JSON.stringify(route.get())) route.set(next);
}

addEventListener("hashchange", update);
addEventListener("popstate", update);

// OData has semicolons in parentheses and strings alone, so the first one elsewhere ends the request.
function endOfRequest(text) {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.startsWith("%27", at) ? "'" : text[at];
    if (sign === "'") quoted = !quoted;
    else if (quoted) continue;
    else if (sign === "(") depth += 1;
    else if (sign === ")") depth -= 1;
    else if (sign === ";" && depth <= 0) return at;
  }
  return text.length;
}

function keyed(text) {
  const found = KEY.exec(text);
  return found ? [found[1], found[2].replaceAll("''", "'")] : [text];
}

function pairs(text, separator) {
  const found = {};
  for (const pair of text.split(separator).filter(Boolean)) {
    const equals = pair.indexOf("=");
    const name = equals < 0 ? pair : pair.slice(0, equals);
    found[decoded(name)] = equals < 0 ? "" : decoded(pair.slice(equals + 1).replaceAll("+", " "));
  }
  return found;
}

// An address may have been typed: a percent sign that encodes nothing is itself.
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// Legible, as far as a URL permits it. Half a character, which may be pasted, has no encoding.
function encoded(text) {
  return encodeURIComponent(text.toWellFormed()).replace(/%(24|2C|3A|2F|40|3D)/g, (found) => decodeURIComponent(found));
}

const isManagement = (segments) => segments[0]?.toLowerCase() === "beta" && segments[1]?.toLowerCase() === "devicemanagement";
const isSet = (segments, name) => isManagement(segments) && segments[2]?.toLowerCase() === name;
const family = ({ segments }) => (isManagement(segments) ? familyOf(segments[2]) : undefined);

// What a script has that its view shows: nothing more, a tab, or one run state.
function isPartOfScript(rest) {
  const [set, id, ...more] = rest;
  if (set === undefined) return true;
  const name = set.toLowerCase();
  if (more.length > 0) return false;
  return id === undefined ? ["devicerunstates", "userrunstates", "assignments", "scriptcontent"].includes(name) : name === "devicerunstates" && id !== "$count";
}

/**
 * The views. `match(route)` gives the parameters of a view, or null; the first that matches is shown, and
 * loaded when it is first shown. `section` is the id of its section. The module's default export is the component: it gets `{ route, ...parameters }`.
 */
export const VIEWS = [
  { name: "twin", section: "twin", match: twinOf, load: () => import("./views/twin.mjs") },
  { name: "query", section: "query", match: ({ ui }) => (ui.view === "query" ? {} : null), load: () => import("./views/query.mjs") },
  { name: "users", section: "users", match: ({ ui }) => (ui.view === "users" ? {} : null), load: () => import("./views/users.mjs") },
  {
    name: "devices",
    section: "devices",
    match: ({ segments }) => (isSet(segments, "manageddevices") && segments.length === 3 ? {} : null),
    load: () => import("./views/devices.mjs"),
  },
  {
    name: "device",
    section: "devices",
    match: ({ segments }) => (isSet(segments, "manageddevices") && segments.length === 4 ? { id: segments[3] } : null),
    load: () => import("./views/device.mjs"),
  },
  {
    name: "user",
    section: "users",
    match: userOf,
    load: () => import("./views/user.mjs"),
  },
  {
    name: "scripts",
    section: "scripts",
    match: (route) => (family(route) && route.segments.length === 3 ? { family: family(route) } : null),
    load: () => import("./views/scripts.mjs"),
  },
  {
    name: "script",
    section: "scripts",
    match: (route) => (family(route) && route.segments.length > 3 && isPartOfScript(route.segments.slice(4)) ? { family: family(route), id: route.segments[3], rest: route.segments.slice(4) } : null),
    load: () => import("./views/script.mjs"),
  },
];

/** The view of a route with its parameters, or null. */
export function viewOf(route) {
  for (const view of VIEWS) {
    const parameters = view.match(route);
    if (parameters) return { view, parameters };
  }
  return null;
}

// A user state of a script, or the run states below it.
function userOf(route) {
  const [, , , scriptId, navigation, userId, states, ...rest] = route.segments;
  const isUser = family(route) && navigation?.toLowerCase() === "userrunstates" && userId !== undefined;
  const isStates = states === undefined || states.toLowerCase() === "devicerunstates";
  return isUser && isStates && rest.length === 0 ? { family: family(route), scriptId, userId } : null;
}

// The control API of the test twin: all tenants, one of them, or a part of one.
function twinOf({ segments }) {
  const [root, version, set, id, part = "clock", ...rest] = segments;
  if (root !== "twin" || rest.length > 0) return null;
  if (version === undefined || (version === "v1" && (set === undefined || (set === "tenants" && id === undefined)))) return {};
  const isTenant = version === "v1" && set === "tenants" && ["clock", "rules", "throttle", "requests"].includes(part);
  return isTenant ? { id, part } : null;
}

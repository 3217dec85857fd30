// Which view shows which address, by the shape of its path. The first that matches is taken; a view is
// loaded when it is first shown. It knows no view's content.
import { familyOf } from "./families.mjs";

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
 * `match(route)` gives the parameters of the view, or null; `section` is the id of its section.
 * The module's default export is the component: it gets `{ route, ...parameters }`.
 */
export const VIEWS = [
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

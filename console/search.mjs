// The box at the top: finds scripts, devices and users by their names, in one batch. It knows no view.
import { html, named, useEffect, useRef, useState, visible } from "./html.mjs";
import { DEVICES, FAMILIES, familyPath } from "./families.mjs";
import { batch } from "./graph.mjs";
import { Icon } from "./shapes.mjs";
import { address, literalText, navigate, requestOf, segment } from "./route.mjs";

// So long after the last key, in milliseconds, the server is asked.
const PAUSE = 150;
const TOP = 5;

/** The box. What it finds is a list below it; Enter opens the chosen entry. */
export function Search() {
  const [text, setText] = useState("");
  const [found, setFound] = useState(null);
  const [at, setAt] = useState(0);
  const box = useRef(null);
  useEffect(() => {
    setAt(0);
    if (text.trim() === "") return setFound(null);
    const abort = new AbortController();
    const fail = ({ message }) => abort.signal.aborted || setFound({ groups: [], problem: message });
    const timer = setTimeout(() => find(text.trim(), abort.signal).then(setFound, fail), PAUSE);
    return () => {
      clearTimeout(timer);
      abort.abort(new DOMException("Another text is searched.", "AbortError"));
    };
  }, [text]);
  const entries = found?.groups.flatMap(({ entries }) => entries) ?? [];
  const close = () => {
    setText("");
    box.current.blur();
  };
  const open = ({ href }) => {
    navigate(href);
    close();
    document.getElementById("view")?.focus();
  };
  const onKeyDown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") close();
    else if (step && entries.length) setAt((at + step + entries.length) % entries.length);
    else if (event.key === "Enter" && entries[at]) open(entries[at]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  // A click on an entry takes the focus away first.
  const onBlur = (event) => event.currentTarget.contains(event.relatedTarget) || setText("");
  return html`<div class="search" role="search" onFocusout=${onBlur}>
    <${Icon} name="search" size=${16} />
    <input id="search" ref=${box} role="combobox" aria-label="Find a script, device or user" aria-autocomplete="list" aria-expanded=${String(entries.length > 0)} aria-controls="found"
      aria-activedescendant=${entries[at] ? `found-${at}` : null} placeholder="Find a script, device or user" autocomplete="off" spellcheck="false"
      value=${text} onInput=${(event) => setText(event.target.value)} onKeyDown=${onKeyDown} />
    <kbd>/</kbd>
    ${found && html`<div id="found" class="found" role=${entries.length > 0 ? "listbox" : "status"} aria-label="Found">
      ${entries.length === 0 && html`<p class=${found.problem ? "bad" : "muted"}>${found.problem ?? "Nothing begins with this."}</p>`}
      ${found.groups.map(({ name, icon, entries: some }) => html`<div key=${name} role="group" aria-label=${name}>
        <p class="small muted" aria-hidden="true">${name}</p>
        ${some.map((entry) => html`<a key=${entry.href} id=${`found-${entries.indexOf(entry)}`} role="option" aria-selected=${String(entry === entries[at])} tabindex="-1" href=${entry.href}
          onClick=${(event) => (event.preventDefault(), open(entry))}><${Icon} name=${icon} size=${15} /><span class="cut" title=${entry.name}>${entry.name}</span><span class="small muted cut" title=${entry.note}>${entry.note}</span></a>`)}
      </div>`)}
    </div>`}
  </div>`;
}

async function find(text, signal) {
  const quoted = literalText(text);
  const scripts = FAMILIES.map((family) => requestOf(familyPath(family), { $select: "id,displayName", $filter: `contains(displayName,${quoted})`, $top: TOP }));
  const devices = requestOf(DEVICES, { $select: "id,deviceName,model", $filter: `startswith(deviceName,${quoted})`, $top: TOP });
  const users = requestOf(DEVICES, { $select: "userPrincipalName,userDisplayName", $filter: `startswith(userPrincipalName,${quoted})`, $top: 4 * TOP });
  const replies = await batch([...scripts, devices, users], { signal });
  const values = replies.map(({ data }) => data?.value ?? []);
  const groups = [
    { name: "Scripts", icon: "script", entries: FAMILIES.flatMap((family, at) => values[at].map((script) => scriptEntry(family, script))).slice(0, TOP) },
    { name: "Devices", icon: "laptop", entries: values[FAMILIES.length].map(deviceEntry) },
    { name: "Users", icon: "user", entries: usersOf(values[FAMILIES.length + 1]) },
  ];
  const error = replies.find((reply) => reply.error)?.error;
  const problem = error?.status === 403 ? "Your token does not permit this." : (error?.message ?? null);
  return { groups: groups.filter(({ entries }) => entries.length > 0), problem };
}

function scriptEntry(family, { id, displayName }) {
  return { name: named(displayName), note: family.name, href: address(`${familyPath(family)}/${segment(id)}`) };
}

function deviceEntry({ id, deviceName, model }) {
  return { name: named(deviceName, id), note: visible(model), href: address(`${DEVICES}/${segment(id)}`) };
}

// A user has one entry, however many devices.
function usersOf(devices) {
  const users = new Map(devices.map(({ userPrincipalName, userDisplayName }) => [userPrincipalName, userDisplayName]));
  return [...users].slice(0, TOP).map(([name, note]) => (
    { name: visible(name), note: visible(note), href: address(DEVICES, { $filter: `userPrincipalName eq ${literalText(name)}` }) }));
}

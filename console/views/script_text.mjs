// Two tabs that are read whole: to whom a script is assigned, and its text.
import { html, useMemo, useShown, visible } from "../html.mjs";
import { counted } from "../chart.mjs";
import { useGet } from "../data.mjs";
import { Empty, Loading, Problem } from "../problem.mjs";
import { requestOf } from "../route.mjs";

const TARGETS = {
  allDevicesAssignmentTarget: "All devices",
  allLicensedUsersAssignmentTarget: "All users",
  groupAssignmentTarget: "Group",
  exclusionGroupAssignmentTarget: "All but the group",
};

export function Assignments({ path }) {
  const request = `${path}/assignments`;
  const { value, error } = useGet(request);
  useShown("GET", request);
  if (error) return html`<${Problem} error=${error} />`;
  if (!value) return html`<${Loading} rows=${3} />`;
  if (value.value.length === 0) return html`<div class="chips"></div><${Empty} title="Assigned to nobody"><p class="muted">Until the script is assigned, no device runs it.</p></${Empty}>`;
  return html`<div class="chips"></div><ul class="card plain-list">${value.value.map(({ id, target }) => html`<li><strong>${TARGETS[target?.["@odata.type"]?.split(".").pop()] ?? "Unknown target"}</strong>
    ${target?.groupId && html`<code class="breaks">${visible(target.groupId)}</code>`}<span class="small muted breaks">${id}</span></li>`)}</ul>`;
}

export function Text({ path, script }) {
  const request = requestOf(path, { $select: "fileName,scriptContent" });
  const { value, error } = useGet(request);
  useShown("GET", `${path}/scriptContent`, false);
  const text = useMemo(() => (value ? decoded(value.scriptContent) : null), [value]);
  if (error) return html`<${Problem} error=${error} />`;
  if (text === null) return html`<${Loading} rows=${6} />`;
  if (text.lines.length === 1 && text.lines[0] === "") return html`<div class="chips"></div><${Empty} title="The script is empty" />`;
  return html`<div class="chips"><code class="breaks">${visible(script.fileName)}</code><span class="muted small number">${counted(text.lines.length, "line")}, ${counted(text.bytes, "byte")}${text.encoding === "utf-8" ? "" : `, ${text.encoding}`}</span></div>
    <pre class="card source" tabindex="0" aria-label="Text of the script">${text.lines.map((line) => html`<span class="line">${visible(line) || " "}</span>`)}</pre>`;
}

// A script may begin with a byte order mark, and Windows writes UTF-16 as well.
function decoded(content) {
  const bytes = Uint8Array.from(atob(content ?? ""), (sign) => sign.charCodeAt(0));
  const isWide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  const encoding = isWide ? (bytes[0] === 0xff ? "utf-16le" : "utf-16be") : "utf-8";
  return { lines: new TextDecoder(encoding).decode(bytes).split(/\r\n|\r|\n/), bytes: bytes.length, encoding };
}

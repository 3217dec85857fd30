// The reply to a request as the server sent it: status, headers, permissions and body. Its links lead
// on. It knows no entity.
import { html, useMemo, useState, useStore } from "./html.mjs";
import { grouped } from "./chart.mjs";
import { absolute } from "./graph.mjs";
import { Lines, linesOf } from "./json.mjs";
import { Permissions } from "./problem.mjs";
import { segment } from "./route.mjs";
import { session } from "./sign_in.mjs";
import { StateShape } from "./shapes.mjs";
import { duration } from "./time.mjs";

// A page of a thousand entities has more lines than anybody reads.
const LINES = 600;

/** `reply` is null, `{ isRunning }`, `{ problem }`, or what the server sent. */
export function Reply({ reply }) {
  const { permissions = [] } = useStore(session);
  if (!reply) return null;
  if (reply.isRunning) return html`<section class="card reply" aria-busy="true"><header role="status"><span class="skeleton short"></span><span class="hidden">The request is under way</span></header></section>`;
  if (reply.problem) return html`<section class="card reply"><header role="alert"><p class="bad">${reply.problem}</p></header></section>`;
  const { status, statusText, text, headers, milliseconds } = reply;
  const value = parsed(text);
  const { heldPermissions, acceptedPermissions } = value?.error?.innerError ?? {};
  return html`<section class="card reply" aria-label="Reply">
    <header role="status"><p class=${status < 400 ? "code text-success" : "code bad"}><${StateShape} state=${status < 400 ? "success" : "fail"} />${status} ${statusText}</p>
      <span class="muted number">${duration(milliseconds)}, ${grouped(new Blob([text]).size)} bytes</span></header>
    ${acceptedPermissions && html`<div class="needs"><${Permissions} held=${heldPermissions ?? permissions} needed=${acceptedPermissions} /></div>`}
    <${Body} text=${text} value=${value} target=${reply.target} />
    <details class="headers"><summary class="small">${grouped([...headers].length)} headers</summary>
      <dl>${[...headers].map(([name, content]) => html`<div><dt>${name}</dt><dd class="breaks">${content}</dd></div>`)}</dl></details>
  </section>`;
}

function Body({ text, value, target }) {
  const [isWhole, setWhole] = useState(false);
  const lines = useMemo(() => (value === undefined ? text.split("\n").map((line) => [{ text: line, kind: "" }]) : linesOf(value, linker(value, target))), [text]);
  if (text === "") return html`<p class="nothing muted">The reply has no body.</p>`;
  const shown = isWhole ? lines : lines.slice(0, LINES);
  return html`<pre class="output json" tabindex="0" aria-label="Body of the reply"><${Lines} lines=${shown} /></pre>
    ${shown.length < lines.length && html`<p class="more"><button onClick=${() => setWhole(true)}>Show all ${grouped(lines.length)} lines</button></p>`}`;
}

// Addresses of this server open here, and the id of an entity in a list opens the entity.
function linker(value, target) {
  const base = absolute("/");
  const path = target.replace(/\?.*/, "").replace(/\/$/, "");
  const isList = Array.isArray(value?.value) && !path.includes("$");
  return (text, name) => {
    if (text.startsWith(base) && !text.includes("$metadata")) return opening(text.slice(base.length - 1));
    return isList && name === "id" && text !== "" ? opening(`${path}/${segment(text)}`) : null;
  };
}

const opening = (request) => `#${request};view=query`;

/** The value of a text that is JSON, else undefined. */
export function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

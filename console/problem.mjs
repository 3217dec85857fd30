// What a view shows instead of its content: an error with the way out of it, nothing to show, or the
// outline of what is on its way. It knows no view.
import { html } from "./html.mjs";
import { Icon } from "./icons.mjs";

const TITLES = {
  400: "The server does not understand this request",
  403: "Your token does not permit this",
  404: "There is nothing at this address",
  405: "This address has no such method",
  500: "The server failed",
};

/** An error of a request, with what is missing and the ids under which the server's log has it. */
export function Problem({ error, children }) {
  const { status, message, held = [], needed = [], requestId, clientRequestId } = error;
  return html`<section class="card problem" role="alert">
    <${Icon} name=${status === 403 ? "shield" : "plug"} size=${28} />
    <h2>${TITLES[status] ?? "This did not work"}</h2>
    ${status === 403 && needed.length ? html`<${Permissions} held=${held} needed=${needed} />` : html`<p class="breaks">${message}</p>`}
    ${children}
    ${clientRequestId && html`<p class="small muted">client-request-id <code class="breaks">${clientRequestId}</code>${requestId && html`, request-id <code class="breaks">${requestId}</code>`}</p>`}
  </section>`;
}

/** The permissions of the token beside those of which one is needed. */
export function Permissions({ held, needed }) {
  return html`<dl class="permissions">
    <div><dt>You hold</dt><dd>${held.length ? held.map((name) => html`<code>${name}</code>`) : "no permission"}</dd></div>
    <div><dt>One of these is needed</dt><dd>${needed.map((name) => html`<code>${name}</code>`)}</dd></div>
  </dl>`;
}

/** Nothing to show, and what could be done about it. */
export function Empty({ title, children }) {
  return html`<section class="card empty"><h2>${title}</h2>${children}</section>`;
}

/** The outline of a list that is read. */
export function Loading({ rows = 6, label = "Loading" }) {
  return html`<div class="card loading" role="status" aria-label=${label}>
    ${Array.from({ length: rows }, () => html`<div class="row"><span class="skeleton"></span><span class="skeleton short"></span></div>`)}
  </div>`;
}

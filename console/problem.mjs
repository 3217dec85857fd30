// What a page shows besides or instead of the content of a view: an error and what to do about it, that
// there is nothing, the outline of what is loaded, and strips above the view. It knows no view.
import { html, parted, useEffect, useState, useStore } from "./html.mjs";
import { waiting } from "./graph.mjs";
import { Icon } from "./shapes.mjs";
import { canSignIn, config, paste, session, signIn, signOut } from "./sign_in.mjs";
import { duration, moment } from "./time.mjs";

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
  // An error that is none of a request has come from a view.
  return html`<section class="card problem" role="alert">
    <${Icon} name=${status === 403 ? "shield" : "plug"} size=${28} />
    <h2>${TITLES[status] ?? "This did not work"}</h2>
    ${status === 403 && needed.length ? html`<${Permissions} held=${held} needed=${needed} />` : html`<p class="breaks">${status === undefined && "This view cannot show what the server sent: "}${message}</p>`}
    ${children}
    ${clientRequestId && html`<p class="small muted">client-request-id <code class="breaks">${clientRequestId}</code>${requestId && html`, request-id <code class="breaks">${requestId}</code>`}</p>`}
  </section>`;
}

/** The permissions of the token beside those of which one is needed. */
export function Permissions({ held, needed }) {
  return html`<dl class="permissions">
    <div><dt>You hold</dt><dd>${held.length ? held.map(codeOf) : "no permission"}</dd></div>
    <div><dt>One of these is needed</dt><dd>${needed.map(codeOf)}</dd></div>
  </dl>`;
}

const codeOf = (name) => html`<code>${parted(name)}</code>`;

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

/** The strips that are needed now: the tenant is a test's, the sign-in has ended, the server asks to wait, or it is away. */
export function Strips() {
  const { state, twinTenant } = useStore(session);
  const pause = useStore(waiting);
  return html`<div class="strips" aria-live="polite">
    ${twinTenant && html`<${InTwin} id=${twinTenant} />`}
    ${state === "refused" && html`<${SignInAgain} />`}
    ${pause && state !== "refused" && html`<${Waiting} ...${pause} />`}
  </div>`;
}

function InTwin({ id }) {
  return html`<div class="strip"><p>You see the test tenant <strong class="breaks">${id}</strong>, through a token of the test twin.</p>
    <div class="actions"><a class="button" href=${`#/twin/v1/tenants/${encodeURIComponent(id)}`}>Control it</a><button onClick=${signOut}>Leave it</button></div></div>`;
}

function SignInAgain() {
  const { signIn: issuers } = useStore(config);
  const { expires } = useStore(session);
  const [problem, setProblem] = useState(null);
  const now = Date.now();
  const submit = (event) => {
    event.preventDefault();
    setProblem(paste(new FormData(event.target).get("token")));
  };
  return html`<div class="strip warning" role="alert">
    <p><strong>The server no longer accepts your token.</strong> ${expires < now && `By the clock of this browser, it expired ${moment(expires, now)}. `}Sign in again, and the view goes on.</p>
    <div class="actions">
      ${canSignIn() && issuers.map((issuer) => html`<button class="primary" onClick=${() => signIn(issuer).catch((error) => setProblem(error.message))}>Sign in with ${issuer.name}</button>`)}
      <form onSubmit=${submit}>
        <input name="token" aria-label="Token" placeholder="or paste a token" autocomplete="off" spellcheck="false" />
        <button>Use it</button>
      </form>
    </div>
    ${problem && html`<p class="bad">${problem}</p>`}
  </div>`;
}

function Waiting({ kind, status, until }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [until]);
  const seconds = Math.max(Math.ceil((until - now) / 1000), 0);
  const wait = seconds < 120 ? `${seconds} s` : duration(seconds * 1000);
  const text = kind === "away" ? "The server does not answer." : status === 429 ? "The server asks for fewer requests." : "The server is busy.";
  return html`<div class="strip" role="status"><p><strong>${text}</strong> Next attempt in <span class="number">${wait}</span>.</p></div>`;
}

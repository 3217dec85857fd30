// Strips above the view: the sign-in has ended, the server asks to wait, or it is away. The view stays
// below, and goes on by itself. It knows no view.
import { html, useEffect, useState } from "./html.mjs";
import { waiting } from "./graph.mjs";
import { config, paste, session, signIn } from "./sign_in.mjs";
import { useStore } from "./store.mjs";

/** The strips that are needed now. */
export function Strips() {
  const { state } = useStore(session);
  const pause = useStore(waiting);
  return html`<div class="strips" aria-live="polite">
    ${state === "refused" && html`<${SignInAgain} />`}
    ${pause && state === "in" && html`<${Waiting} ...${pause} />`}
  </div>`;
}

function SignInAgain() {
  const [problem, setProblem] = useState(null);
  const submit = (event) => {
    event.preventDefault();
    setProblem(paste(new FormData(event.target).get("token")));
  };
  return html`<div class="strip warning" role="alert">
    <p><strong>The server no longer accepts your token.</strong> Sign in again, and the view goes on.</p>
    <div class="actions">
      ${useStore(config).signIn.map((issuer) => html`<button class="primary" onClick=${() => signIn(issuer).catch((error) => setProblem(error.message))}>Sign in with ${issuer.name}</button>`)}
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
  const text = kind === "away" ? "The server does not answer." : status === 429 ? "The server asks for fewer requests." : "The server is busy.";
  return html`<div class="strip" role="status"><p><strong>${text}</strong> Next attempt in <span class="number">${seconds}</span> s.</p></div>`;
}

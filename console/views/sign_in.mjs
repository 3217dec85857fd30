// The page where a user chooses an issuer, or pastes a token. It knows no request.
import { html, useState, useStore } from "../html.mjs";
import { config, paste, session, signIn } from "../sign_in.mjs";

export default function SignIn() {
  const { signIn: issuers } = useStore(config);
  const { problem } = useStore(session);
  const [refusal, setRefusal] = useState(null);
  const [isLeaving, setLeaving] = useState(false);
  const go = (issuer) => {
    setLeaving(true);
    signIn(issuer).catch((error) => {
      setLeaving(false);
      session.set({ state: "out", problem: `${new URL(issuer.issuer).host} cannot be used: ${error.message}` });
    });
  };
  const submit = (event) => {
    event.preventDefault();
    setRefusal(paste(new FormData(event.target).get("token")));
  };
  // Browsers have the functions of PKCE on pages that came safely alone.
  const isSafe = globalThis.isSecureContext;
  return html`<section class="card sign-in">
    <h1>Sign in</h1>
    <p class="muted">to <code>${location.host}</code>, with what this server trusts</p>
    ${problem && html`<p class="bad breaks" role="alert">${problem}</p>`}
    ${isSafe && issuers.map((issuer, at) => html`<button class=${at ? "wide" : "wide primary"} disabled=${isLeaving} onClick=${() => go(issuer)}>Continue with ${issuer.name}</button>`)}
    ${!isSafe && html`<p class="note">This page came without TLS from another machine, so a browser lets nobody sign in here. Use https, or paste a token.</p>`}
    ${isSafe && issuers.length > 0 && html`<p class="or"><span>or</span></p>`}
    <form onSubmit=${submit}>
      <label for="token">Paste a token</label>
      <textarea id="token" name="token" rows="4" placeholder="eyJ0eXAiOiJKV1Qi…" autocomplete="off" spellcheck="false" aria-describedby="token-note" aria-invalid=${refusal ? "true" : null}></textarea>
      ${refusal && html`<p class="bad" role="alert">${refusal}</p>`}
      <p id="token-note" class="small muted">Kept in the memory of this tab alone, and gone when it is closed or reloaded. <code>runstate token</code> prints one.</p>
      <button class="wide">Use this token</button>
    </form>
  </section>`;
}

// The page where a user chooses an issuer, or pastes a token. It knows no request.
import { html, useEffect, useState, useStore } from "../html.mjs";
import { canSignIn, config, paste, session, signIn } from "../sign_in.mjs";

export default function SignIn() {
  const { signIn: issuers } = useStore(config);
  const { problem } = useStore(session);
  const [refusal, setRefusal] = useState(null);
  const [isLeaving, setLeaving] = useState(false);
  const [isChosen, setChosen] = useState(false);
  // A browser that goes back from the issuer may show the page as it was left.
  useEffect(() => {
    const stay = () => setLeaving(false);
    addEventListener("pageshow", stay);
    return () => removeEventListener("pageshow", stay);
  }, []);
  const go = (issuer) => {
    setLeaving(true);
    signIn(issuer, isChosen ? "select_account" : null).catch(({ message }) => {
      setLeaving(false);
      session.set({ state: "out", problem: message });
    });
  };
  const submit = (event) => {
    event.preventDefault();
    setRefusal(paste(new FormData(event.target).get("token")));
  };
  const isPossible = canSignIn();
  // Browsers have the functions of PKCE on pages that came safely alone.
  const obstacle = globalThis.isSecureContext ? "This browser keeps nothing for this page, so the page could not come back from a sign-in. Permit it to keep data, or paste a token."
    : "This page came without TLS from another machine, so a browser lets nobody sign in here. Use https, or paste a token.";
  return html`<section class="card sign-in">
    <h1>Sign in</h1>
    <p class="muted">to <code>${location.host}</code></p>
    ${problem && html`<p class="bad breaks" role="alert">${problem}</p>`}
    ${isPossible && issuers.map((issuer, at) => html`<button class=${at ? "wide" : "wide primary"} disabled=${isLeaving} onClick=${() => go(issuer)}>Continue with ${issuer.name}</button>`)}
    ${isPossible && issuers.length > 0 && html`<label class="check small"><input type="checkbox" checked=${isChosen} onChange=${(event) => setChosen(event.target.checked)} />
      <span>Choose the account there <span class="muted">(all tabs of this browser share the session)</span></span></label>`}
    ${!isPossible && html`<p class="note">${obstacle}</p>`}
    ${isPossible && issuers.length > 0 && html`<p class="or"><span>or</span></p>`}
    <form onSubmit=${submit}>
      <label for="token">Paste a token</label>
      <textarea id="token" name="token" rows="4" placeholder="eyJ0eXAiOiJKV1Qi…" autocomplete="off" spellcheck="false" aria-describedby="token-note" aria-invalid=${refusal ? "true" : null}></textarea>
      ${refusal && html`<p class="bad" role="alert">${refusal}</p>`}
      <p id="token-note" class="small muted">Kept in the memory of this tab alone, and gone when it is closed or reloaded. <code>runstate token</code> prints one.</p>
      <button class="wide">Use this token</button>
    </form>
  </section>`;
}

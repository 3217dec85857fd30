// Signing in: by authorization code and PKCE at an issuer, or with a token that the user pastes. The
// token is in a variable of this module and nowhere else. It knows no view and no request of Graph.
import { browserStore, createStore } from "./html.mjs";
import { takeClock } from "./time.mjs";

/** The address of the console, which is the redirect URI too. */
const PAGE = new URL("./", document.baseURI);
// What a sign-in needs when the browser comes back. It is removed then.
const PENDING = "runstate.sign-in";
// A token is renewed this long before it expires, in milliseconds.
const EARLY = 120_000;

/**
 * Who is signed in: `{ state, user, account, expires, permissions, tenant, issuer, twinTenant, problem }`;
 * `state` is out, in or refused. `issuer` is the host of the issuer whose session all tabs share; `twinTenant`
 * is the `id` of a tenant of the test twin, if that has made the token.
 */
export const session = createStore({ state: "out" });

/** What the server says of itself: `{ version, signIn, twin }`. */
export const config = createStore(null);

let token = null;
let renewal = null;
let end = null;

/** Reads the settings. */
export async function readConfig() {
  const reply = await fetch(new URL("config.json", PAGE), { cache: "no-store" });
  if (!reply.ok) throw new Error(`The server answered ${reply.status}.`);
  config.set(await reply.json());
}

/** Ends a sign-in that comes back from an issuer. After a reload, asks the issuer who is signed in. */
export async function begin() {
  const parameters = new URLSearchParams(location.search);
  const pending = takePending();
  const [issuer, ...others] = config.get().signIn;
  if (parameters.has("state")) await finish(parameters, pending);
  else if (isReload() && issuer && others.length === 0 && canSignIn()) {
    await signIn(issuer, "none").catch(({ message }) => session.set({ state: "out", problem: message }));
  }
}

/** Whether the browser lets a page come back from an issuer: it must keep what the page needs then. */
export const canSignIn = () => globalThis.isSecureContext && browserStore("sessionStorage") !== null;

/**
 * Leads to the page of an issuer. `prompt` is that of OpenID Connect: with `none` the issuer leads back at
 * once, signed in or not.
 */
export async function signIn(issuer, prompt = null) {
  await leave(issuer, prompt).catch((error) => {
    throw new Error(`${new URL(issuer.issuer).host} cannot be used: ${error.message}`);
  });
}

async function leave(issuer, prompt) {
  const oauth = await import("./vendor/oauth4webapi.mjs");
  const server = await discover(oauth, issuer);
  const pending = { issuer: issuer.issuer, state: oauth.generateRandomState(), nonce: oauth.generateRandomNonce() };
  pending.verifier = oauth.generateRandomCodeVerifier();
  pending.fragment = location.hash;
  pending.silent = prompt === "none";
  const url = new URL(server.authorization_endpoint);
  const challenge = await oauth.calculatePKCECodeChallenge(pending.verifier);
  const parameters = {
    client_id: issuer.clientId, redirect_uri: PAGE.href, response_type: "code", scope: issuer.scopes.join(" "),
    state: pending.state, nonce: pending.nonce, code_challenge: challenge, code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  if (prompt) url.searchParams.set("prompt", prompt);
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
  location.assign(url);
  // The browser leaves the page: nothing is to happen until then.
  await new Promise(() => {});
}

/**
 * Signs in with a token that the user pasted. Returns what is wrong with its form, or null. The server alone
 * says whether it is good, and whether it has expired: a test tenant may have another clock than this browser.
 */
export function paste(text) {
  const pasted = text.trim().replace(/^Bearer\s+/i, "");
  if (pasted === "") return "Paste a token first.";
  if (!claimsOf(pasted)) return "This is no JSON Web Token: it has three parts with dots between them.";
  [renewal, end] = [null, null];
  accept(pasted, NaN);
  return null;
}

/** Signs in to a tenant of the test twin with a token that the twin made. Times are those of the tenant's clock. */
export function enterTwinTenant({ id, clock }, made) {
  [renewal, end] = [null, null];
  accept(made, NaN, { twinTenant: id, expires: NaN }, clock);
}

/** Forgets the token, and ends the session at the issuer, which leads back to the console. */
export function signOut() {
  const leave = end;
  [token, renewal, end] = [null, null, null];
  takeClock(null);
  session.set({ state: "out" });
  if (!leave) return;
  const url = new URL(leave);
  url.searchParams.set("post_logout_redirect_uri", PAGE.href);
  location.assign(url);
}

/** The token; waits until somebody is signed in, and renews the token before it expires. */
export async function bearer(signal) {
  const { expires } = session.get();
  if (token && renewal && expires - Date.now() < EARLY) await renew();
  if (token && session.get().state === "in") return token;
  await signedIn(signal);
  return token;
}

/** The server refused a token: it is renewed, or the user is asked to sign in again. */
export async function refused(old) {
  if (old !== token) return;
  if (renewal && (await renew())) return;
  session.set({ ...session.get(), state: "refused" });
}

function signedIn(signal) {
  return new Promise((resolve, reject) => {
    const end = session.subscribe(({ state }) => state === "in" && (end(), resolve()));
    signal?.addEventListener("abort", () => (end(), reject(signal.reason)), { once: true });
  });
}

async function finish(parameters, pending) {
  // Neither the code nor the state stays in the address.
  history.replaceState(null, "", PAGE.pathname + (pending?.fragment ?? location.hash));
  dispatchEvent(new HashChangeEvent("hashchange"));
  const issuer = config.get().signIn.find((known) => known.issuer === pending?.issuer);
  if (!issuer) {
    session.set({ state: "out", problem: "This sign-in has ended already, or it began in another tab. Begin it again." });
    return;
  }
  try {
    const oauth = await import("./vendor/oauth4webapi.mjs");
    const server = await discover(oauth, issuer);
    const client = { client_id: issuer.clientId };
    const answer = oauth.validateAuthResponse(server, client, parameters, pending.state);
    const reply = await oauth.authorizationCodeGrantRequest(
      server, client, oauth.None(), answer, PAGE.href, pending.verifier, insecure(oauth, server));
    const expectedNonce = issuer.scopes.includes("openid") ? pending.nonce : oauth.expectNoNonce;
    keep(await oauth.processAuthorizationCodeResponse(server, client, reply, { expectedNonce }), { oauth, server, client });
  } catch (error) {
    const expected = pending.silent && /^(login|interaction|consent|account_selection)_required$/.test(error.error);
    if (!expected) session.set({ state: "out", problem: error.error_description ?? error.error ?? error.message });
  }
}

async function renew() {
  const { oauth, server, client, refreshToken } = renewal;
  renewal.running ??= (async () => {
    try {
      const reply = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), refreshToken, insecure(oauth, server));
      keep(await oauth.processRefreshTokenResponse(server, client, reply), { oauth, server, client, refreshToken });
      return true;
    } catch {
      renewal = null;
      return false;
    }
  })();
  return renewal.running;
}

function keep(result, known) {
  const refreshToken = result.refresh_token ?? known.refreshToken;
  renewal = refreshToken ? { oauth: known.oauth, server: known.server, client: known.client, refreshToken } : null;
  end = known.server.end_session_endpoint ?? null;
  const issuer = new URL(known.server.issuer).host;
  accept(result.access_token, result.expires_in ? Date.now() + result.expires_in * 1000 : NaN, { issuer });
}

function accept(text, expires, more = {}, clock = null) {
  token = text;
  const claims = claimsOf(text) ?? {};
  const scopes = typeof claims.scp === "string" ? claims.scp.split(" ") : [];
  const user = claims.name ?? claims.preferred_username ?? claims.upn ?? claims.app_displayname ?? "Application";
  takeClock(clock);
  session.set({
    state: "in",
    user,
    account: claims.preferred_username ?? claims.upn ?? claims.appid ?? "",
    tenant: claims.tid ?? "",
    expires: Number.isNaN(expires) && claims.exp ? claims.exp * 1000 : expires,
    permissions: [...scopes, ...(Array.isArray(claims.roles) ? claims.roles : [])],
    ...more,
  });
}

async function discover(oauth, { issuer }) {
  const url = new URL(issuer);
  // The document of all tenants has a placeholder, which the tenant of a token fills.
  const isCommon = /\/(common|organizations)\//.test(`${url.pathname}/`);
  const options = url.protocol === "http:" ? { [oauth.allowInsecureRequests]: true } : {};
  const reply = await oauth.discoveryRequest(url, options);
  const server = await oauth.processDiscoveryResponse(isCommon ? oauth._nodiscoverycheck : url, reply);
  if (!isCommon) return server;
  const template = server.issuer;
  return { ...server, [oauth._expectedIssuer]: ({ claims }) => template.replace("{tenantid}", claims.tid) };
}

// A server on the user's own machine has no TLS, and an issuer may be there too.
function insecure(oauth, server) {
  return server.token_endpoint.startsWith("http:") ? { [oauth.allowInsecureRequests]: true } : {};
}

function takePending() {
  const kept = browserStore("sessionStorage");
  const text = kept?.getItem(PENDING);
  kept?.removeItem(PENDING);
  return text && JSON.parse(text);
}

function isReload() {
  return performance.getEntriesByType("navigation")[0]?.type === "reload";
}

// For the eyes alone: nothing here depends on the claims.
function claimsOf(text) {
  try {
    const [, body, ...rest] = text.split(".");
    if (rest.length !== 1) return null;
    const bytes = Uint8Array.from(atob(body.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

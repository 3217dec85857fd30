// Users sign in with @azure/msal-node and openid-client, over TLS, with the variables of `runstate env`.
// The browser is a class of this file: it keeps cookies, fills in the forms of the pages, and runs no
// scripts.

import * as msal from "@azure/msal-node";
import * as oidc from "openid-client";

const { AZURE_AUTHORITY_HOST, AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET } = process.env;
const { RUNSTATE_GRAPH_URL, RUNSTATE_USERNAME, RUNSTATE_PASSWORD } = process.env;
const authority = `${AZURE_AUTHORITY_HOST.replace(/\/$/, "")}/${AZURE_TENANT_ID}`;
const scopes = ["https://graph.microsoft.com/.default"];
// Nobody listens there: the browser only reads the address.
const redirectUri = "http://localhost:8499/";
let failed = false;

async function check(name, work) {
  try {
    await work();
    console.log(`ok      sign in a user: ${name}`);
  } catch (error) {
    failed = true;
    console.log(`FAILED  sign in a user: ${name}: ${error}`);
  }
}

function equal(actual, expected) {
  if (actual !== expected) throw new Error(`${actual} is not ${expected}`);
}

/** The token opens the API. */
async function call(token) {
  const address = `${RUNSTATE_GRAPH_URL}/deviceManagement/deviceManagementScripts`;
  equal((await fetch(address, { headers: { authorization: `Bearer ${token}` } })).status, 200);
}

/** The names and values of a page's inputs. No value here needs an entity. */
function fields(page) {
  const attribute = (tag, name) => tag.match(` ${name}="([^"]*)"`)[1];
  const inputs = [...page.matchAll(/<input[^>]*>/g)].map(([tag]) => tag);
  return Object.fromEntries(inputs.map((tag) => [attribute(tag, "name"), attribute(tag, "value")]));
}

class Browser {
  cookies = new Map();

  async send(address, form) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const body = form && new URLSearchParams(form);
    const options = { method: form ? "POST" : "GET", body, redirect: "manual", headers: { cookie } };
    const reply = await fetch(address, options);
    for (const header of reply.headers.getSetCookie()) {
      const [, name, value] = header.match(/^([^=]+)=([^;]*)/);
      this.cookies.set(name, value);
    }
    return { location: reply.headers.get("location"), page: await reply.text() };
  }

  /** Sends the form of a page. */
  async submit(address, { page }, typed) {
    return this.send(address.split("?")[0], { ...fields(page), ...typed });
  }

  async signIn(address, page) {
    const typed = { username: RUNSTATE_USERNAME, password: RUNSTATE_PASSWORD, action: "sign_in" };
    return this.submit(address, page ?? (await this.send(address)), typed);
  }

  /** Enters the code of a device, signs in, and confirms. */
  async enter(address, code) {
    const typed = { user_code: code, action: "next" };
    const page = await this.submit(address, await this.send(address), typed);
    const confirmation = await this.signIn(address, page);
    const { page: done } = await this.submit(address, confirmation, { action: "approve" });
    if (!done.includes("You are signed in")) throw new Error(done);
  }
}

const knownAuthorities = [new URL(authority).host];
const client = new msal.PublicClientApplication({
  auth: { clientId: AZURE_CLIENT_ID, authority, knownAuthorities },
});

await check("msal-node, device code", async () => {
  const deviceCodeCallback = ({ verificationUri, userCode }) =>
    new Browser().enter(verificationUri, userCode);
  const { accessToken } = await client.acquireTokenByDeviceCode({ scopes, deviceCodeCallback });
  await call(accessToken);
});

await check("msal-node, browser and refresh token", async () => {
  const openBrowser = async (address) => {
    const { page } = await new Browser().signIn(address);
    const [, client] = page.match(/action="([^"]*)"/);
    await fetch(client, { method: "POST", body: new URLSearchParams(fields(page)) });
  };
  const { account, accessToken } = await client.acquireTokenInteractive({ scopes, openBrowser });
  equal(account.username, RUNSTATE_USERNAME);
  await call(accessToken);
  const again = await client.acquireTokenSilent({ account, scopes, forceRefresh: true });
  equal(again.fromCache, false);
  await call(again.accessToken);
});

await check("openid-client, code, userinfo and refresh token", async () => {
  const issuer = new URL(`${authority}/v2.0`);
  const server = await oidc.discovery(issuer, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET);
  const verifier = oidc.randomPKCECodeVerifier();
  const [nonce, state] = [oidc.randomNonce(), oidc.randomState()];
  const address = oidc.buildAuthorizationUrl(server, {
    redirect_uri: redirectUri,
    scope: "openid profile offline_access",
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    max_age: "600",
    nonce,
    state,
  });
  const { location } = await new Browser().signIn(address.href);
  const tokens = await oidc.authorizationCodeGrant(server, new URL(location), {
    pkceCodeVerifier: verifier,
    expectedNonce: nonce,
    expectedState: state,
    idTokenExpected: true,
    maxAge: 600,
  });
  const user = await oidc.fetchUserInfo(server, tokens.access_token, tokens.claims().sub);
  equal(user.preferred_username, RUNSTATE_USERNAME);
  const next = await oidc.refreshTokenGrant(server, tokens.refresh_token);
  if (next.refresh_token === tokens.refresh_token) throw new Error("the refresh token is the old one");
});

process.exit(failed ? 1 : 0);

// Tenants of Runstate's test twin, one for each test. Copy this file into your project. It needs Node 20 and
// nothing else. Names of members are those of Runstate's docs/reference/twin.md and twin-rules.md.

import { AssertionError } from "node:assert";

/** An object of the control API. */
export type Json = Record<string, any>;

/** The control API refused a request. */
export class TwinError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(`${status} ${code}: ${message}`);
    this.status = status;
    this.code = code;
  }
}

/** A server that runs with --twin, and the secret or token that controls it. */
export class Twin {
  readonly url: string;
  readonly secret: string;

  constructor(url = process.env.RUNSTATE_TWIN_URL, secret = process.env.RUNSTATE_TWIN_SECRET) {
    if (!url || !secret) throw new Error("RUNSTATE_TWIN_URL and RUNSTATE_TWIN_SECRET are needed");
    this.url = url.replace(/\/$/, "");
    this.secret = secret;
  }

  /** Sends a request below /twin/v1; returns the JSON of the reply. */
  async call(method: string, path: string, body?: Json): Promise<Json> {
    const headers = { Authorization: `Bearer ${this.secret}`, "Content-Type": "application/json" };
    const reply = await fetch(`${this.url}/twin/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
    const json: Json = JSON.parse((await reply.text()) || "{}");
    if (!reply.ok) throw new TwinError(reply.status, json.error.code, json.error.message);
    return json;
  }

  /** A new tenant, which `await using` removes at the end of its block, and `delete` at once. */
  tenant = async (settings: Json = {}) => new Tenant(this, await this.call("POST", "/tenants", settings));
}

/** A tenant of the twin. `graph` is the URL of its Graph; `tokens` are for user, reader and application. */
export class Tenant {
  readonly twin: Twin;
  readonly id: string;
  readonly guid: string;
  readonly graph: string;
  readonly tokens: { user: string; reader: string; application: string };

  constructor(twin: Twin, made: Json) {
    this.twin = twin;
    [this.id, this.guid, this.graph, this.tokens] = [made.id, made.tenant, made.graph, made.tokens];
  }

  call = (method: string, path = "", body?: Json) => this.twin.call(method, `/tenants/${this.guid}${path}`, body);
  delete = async () => void (await this.call("DELETE"));
  [Symbol.asyncDispose] = () => this.delete();
  reset = async (how: Json = {}) => void (await this.call("POST", "/reset", how));
  snapshot = async (name: string) => void (await this.call("POST", "/snapshots", { name }));
  token = async (claims: Json = {}): Promise<string> => (await this.call("POST", "/tokens", claims)).token;
  clock = async (course: Json = {}): Promise<string> => (await this.call("PUT", "/clock", course)).now;
  advance = async (by: string): Promise<string> => (await this.call("POST", "/clock/advance", { by })).now;
  rule = async (rule: Json): Promise<string> => (await this.call("POST", "/rules", rule)).id;
  throttle = async (settings: Json) => void (await this.call("PUT", "/throttle", settings));
  contents = () => this.call("GET", "/contents");
  requests = async (): Promise<Json[]> => (await this.call("GET", "/requests")).value;

  /** Fails the test unless the client sent what the assertion says; returns the numbers of the requests. */
  async verify(assertion: Json): Promise<number[]> {
    const verdict = await this.call("POST", "/requests/verify", assertion);
    if (!verdict.ok) throw new AssertionError({ message: JSON.stringify(verdict, undefined, 2) });
    return verdict.requests;
  }
}

// The client of Graph: at most six requests under way, batches of twenty, retries that obey the server,
// and errors as Graph describes them. It knows no view and no component.
import { bearer, refused } from "./sign_in.mjs";
import { createStore } from "./html.mjs";

/** The address of the server, below which `/beta` is. */
const BASE = new URL("../", document.baseURI);
const MAX_REQUESTS = 6;
const MAX_BATCH = 20;
// How long an unreachable server is left alone, in seconds: from the first to the longest.
const PAUSES = [1, 2, 4, 8, 15];

/** Why requests wait: null, or `{ kind, until, status }` of the one that waits longest; `kind` is away or throttled. */
export const waiting = createStore(null);

// The requests and modules that wait, each with its pause. Replies to other requests do not end a pause.
const pauses = new Map();

/** An error of Graph, or of the way to it. `status` is 0 where there was no reply. */
export class GraphError extends Error {
  constructor({ status, body, headers, clientRequestId }) {
    const error = body?.error ?? {};
    super(error.message ?? (status ? `The server answered ${status}.` : "The server does not answer."));
    this.status = status;
    this.code = error.code ?? "";
    this.requestId = headers?.get("request-id") ?? error.innerError?.["request-id"] ?? "";
    this.clientRequestId = clientRequestId ?? error.innerError?.["client-request-id"] ?? "";
    this.held = error.innerError?.heldPermissions ?? [];
    this.needed = error.innerError?.acceptedPermissions ?? [];
  }
}

/** The absolute address of a path of Graph, or of a nextLink. */
export function absolute(path) {
  if (!path.startsWith("/")) return new URL(path, BASE).href;
  return BASE.href.replace(/\/$/, "") + path;
}

/** Reads JSON, or text where the reply is no JSON: `{ status, headers, data }`. 304 has no data. */
export async function get(path, { signal, headers = {} } = {}) {
  const reply = await send({ method: "GET", path, headers, signal, isSafe: true });
  if (reply.status === 304) return { status: 304, headers: reply.headers, data: null };
  return { status: reply.status, headers: reply.headers, data: await read(reply) };
}

/**
 * Reads several paths, twenty in one request: one entry a path, `{ status, data, headers }` or
 * `{ status, error }`. `headers` are those of each request.
 */
export async function batch(paths, { signal, headers: own } = {}) {
  const found = [];
  const chunks = [];
  for (let from = 0; from < paths.length; from += MAX_BATCH) chunks.push(paths.slice(from, from + MAX_BATCH));
  await Promise.all(chunks.map(async (chunk, number) => {
    const requests = chunk.map((path, index) => ({ id: String(index), method: "GET", url: path.replace(/^\/beta/, ""), headers: own }));
    const body = JSON.stringify({ requests });
    const headers = { "Content-Type": "application/json" };
    const reply = await send({ method: "POST", path: "/beta/$batch", headers, body, signal, isSafe: true });
    for (const item of (await read(reply)).responses) found[number * MAX_BATCH + Number(item.id)] = ofItem(item);
  }));
  return found;
}

/**
 * Sends a request as the user wrote it and returns whatever comes:
 * `{ status, statusText, headers, text, milliseconds }`. Nothing is repeated.
 */
export async function raw({ method, path, headers = {}, body, signal }) {
  const start = performance.now();
  const { reply } = await once({ method, path, headers, body, signal });
  const text = await reply.text();
  return { status: reply.status, statusText: reply.statusText, headers: reply.headers, text, milliseconds: performance.now() - start };
}

/** Loads a module as often as it takes: the server may be away. */
export async function loaded(load, signal) {
  try {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await load();
      } catch {
        await pause(load, "away", PAUSES[Math.min(attempt, PAUSES.length - 1)], 0, signal);
      }
    }
  } finally {
    resume(load);
  }
}

async function send(request) {
  await slot(request.signal);
  try {
    return await repeat(request);
  } finally {
    resume(request);
    release();
  }
}

// A request that changes nothing is repeated until it is answered, or nobody waits for it any more.
async function repeat(request) {
  for (let attempt = 0; ; attempt += 1) {
    let sent;
    try {
      sent = await once(request);
    } catch (error) {
      if (request.signal?.aborted || !request.isSafe) throw error;
      await pause(request, "away", PAUSES[Math.min(attempt, PAUSES.length - 1)], 0, request.signal);
      continue;
    }
    const { reply, token, clientRequestId } = sent;
    if (reply.ok || reply.status === 304) return reply;
    if (reply.status === 401) {
      resume(request);
      await refused(token);
    } else if ((reply.status === 429 || reply.status === 503) && request.isSafe) {
      const seconds = Number(reply.headers.get("retry-after")) || PAUSES[Math.min(attempt, PAUSES.length - 1)];
      await pause(request, "throttled", seconds, reply.status, request.signal);
    } else {
      const body = await reply.json().catch(() => null);
      throw new GraphError({ status: reply.status, body, headers: reply.headers, clientRequestId });
    }
  }
}

async function once({ method, path, headers, body, signal }) {
  const token = await bearer(signal);
  const clientRequestId = requestId();
  const all = { ...headers, Authorization: `Bearer ${token}`, "client-request-id": clientRequestId };
  const options = { method, headers: all, body, signal, cache: "no-store", credentials: "omit", redirect: "error" };
  const reply = await fetch(absolute(path), options);
  if (reply.status === 401 && method !== "GET") await refused(token);
  return { reply, token, clientRequestId };
}

async function read(reply) {
  const isJson = reply.headers.get("content-type")?.includes("json");
  return isJson ? reply.json() : reply.text();
}

function ofItem({ status, headers, body }) {
  if (status < 400) return { status, headers: new Headers(headers), data: body };
  return { status, error: new GraphError({ status, body }) };
}

function pause(what, kind, seconds, status, signal) {
  pauses.set(what, { kind, status, until: Date.now() + seconds * 1000 });
  showPause();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal?.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });
}

function resume(what) {
  if (pauses.delete(what)) showPause();
}

function showPause() {
  const [longest = null] = [...pauses.values()].sort((a, b) => b.until - a.until);
  waiting.set(longest);
}

let running = 0;
const queue = [];

async function slot(signal) {
  signal?.throwIfAborted();
  if (running < MAX_REQUESTS) {
    running += 1;
    return;
  }
  await new Promise((resolve, reject) => {
    const entry = { resolve };
    queue.push(entry);
    signal?.addEventListener("abort", () => {
      const at = queue.indexOf(entry);
      if (at >= 0) queue.splice(at, 1);
      reject(signal.reason);
    }, { once: true });
  });
}

// The next in the queue takes over the slot. One that was aborted is no longer there.
function release() {
  const next = queue.shift();
  if (next) next.resolve();
  else running -= 1;
}

// `crypto.randomUUID` is missing on a page without TLS that is not of this machine.
function requestId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-a$4-$5");
}

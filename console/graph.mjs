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
// The longest time that a server may ask for, in seconds: timers of browsers have a limit.
const LONGEST = 86_400;

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
export function get(path, { signal, headers = {} } = {}) {
  return send({ method: "GET", path, headers, signal });
}

/**
 * Reads several paths, twenty in one request: one entry a path, `{ status, data, headers }` or
 * `{ status, error }`. `headers` are those of each request.
 */
export async function batch(paths, { signal, headers } = {}) {
  const chunks = [];
  for (let from = 0; from < paths.length; from += MAX_BATCH) chunks.push(paths.slice(from, from + MAX_BATCH));
  return (await Promise.all(chunks.map((chunk) => batchOf(chunk, headers, signal)))).flat();
}

/**
 * Sends a request as the user wrote it and returns whatever comes:
 * `{ status, statusText, headers, text, milliseconds }`. Nothing is repeated.
 */
export async function raw({ path, ...rest }) {
  const start = performance.now();
  const { reply, text, token } = await once({ ...rest, url: absolute(path) });
  if (reply.status === 401) await refused(token);
  return { status: reply.status, statusText: reply.statusText, headers: reply.headers, text, milliseconds: performance.now() - start };
}

/** Loads a module as often as it takes: the server may be away. */
export async function loaded(load, signal) {
  try {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await load();
      } catch {
        await pause(load, { kind: "away", seconds: pauseAfter(attempt) }, signal);
      }
    }
  } finally {
    resume(load);
  }
}

// One batch, and again those of its requests for which the server was too busy.
async function batchOf(paths, headers, signal) {
  const found = paths.map(() => null);
  try {
    for (let attempt = 0; ; attempt += 1) {
      const left = [...found.keys()].filter((at) => found[at] === null);
      const requests = left.map((at) => ({ id: String(at), method: "GET", url: paths[at].replace(/^\/beta/, ""), headers }));
      const body = JSON.stringify({ requests });
      const { data } = await send({ method: "POST", path: "/beta/$batch", headers: { "Content-Type": "application/json" }, body, signal });
      const busy = data.responses.filter(({ status }) => isBusy(status));
      for (const item of data.responses) found[Number(item.id)] = isBusy(item.status) ? null : ofItem(item);
      if (busy.length === 0) return found;
      const waits = busy.map((item) => secondsOf(new Headers(item.headers).get("retry-after"), attempt));
      await pause(found, { kind: "throttled", status: busy[0].status, seconds: Math.max(...waits) }, signal);
    }
  } finally {
    resume(found);
  }
}

async function send({ path, ...rest }) {
  const request = { ...rest, url: absolute(path) };
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
    const { reply, text, token, clientRequestId } = await once(request).catch((error) => {
      if (request.signal?.aborted) throw error;
      return { reply: null };
    });
    if (reply === null || isAway(reply.status)) {
      await pause(request, { kind: "away", seconds: pauseAfter(attempt) }, request.signal);
    } else if (reply.status === 401) {
      resume(request);
      await refused(token);
    } else if (isBusy(reply.status)) {
      const seconds = secondsOf(reply.headers.get("retry-after"), attempt);
      await pause(request, { kind: "throttled", status: reply.status, seconds }, request.signal);
    } else {
      return { status: reply.status, headers: reply.headers, data: dataOf(reply, text, clientRequestId) };
    }
  }
}

// One attempt. It fails without a whole reply.
async function once({ method, url, headers, body, signal }) {
  const token = await bearer(signal);
  const clientRequestId = requestId();
  const all = { ...headers, Authorization: `Bearer ${token}`, "client-request-id": clientRequestId };
  const options = { method, headers: all, body, signal, cache: "no-store", credentials: "omit", redirect: "error" };
  const reply = await fetch(url, options);
  return { reply, text: await reply.text(), token, clientRequestId };
}

function dataOf(reply, text, clientRequestId) {
  const type = reply.headers.get("content-type") ?? "";
  const data = type.includes("json") ? parsed(text) : text;
  if (reply.status === 304) return null;
  const isForeign = data === undefined || type.includes("html");
  if (reply.ok && !isForeign) return data;
  const message = "This reply is not of Runstate: something between this browser and the server has answered.";
  const body = isForeign ? { error: { message } } : data;
  throw new GraphError({ status: reply.status, body, headers: reply.headers, clientRequestId });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// A proxy answers so for a server that it does not reach.
const isAway = (status) => status === 502 || status === 504;
const isBusy = (status) => status === 429 || status === 503;

const pauseAfter = (attempt) => PAUSES[Math.min(attempt, PAUSES.length - 1)];

// Retry-After is a number of seconds, or a date where a proxy wrote it.
function secondsOf(retryAfter, attempt) {
  const seconds = /^\d+$/.test(retryAfter ?? "") ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000;
  return seconds > 0 ? Math.min(seconds, LONGEST) : pauseAfter(attempt);
}

function ofItem({ status, headers, body }) {
  if (status < 400) return { status, headers: new Headers(headers), data: body };
  return { status, error: new GraphError({ status, body }) };
}

function pause(what, { kind, status = 0, seconds }, signal) {
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

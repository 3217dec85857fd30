// The client of the test twin's control API: its secret, its requests and its errors. The secret is in a
// variable of this module and nowhere else, as the token of a user is. It knows no view.
import { createStore, useEffect, useState } from "./html.mjs";
import { usePolling } from "./data.mjs";
import { GraphError, absolute } from "./graph.mjs";
import { segment } from "./route.mjs";

/** The paths of the control API. */
export const TWIN = "/twin/v1";
export const TENANTS = `${TWIN}/tenants`;
export const SNAPSHOTS = `${TWIN}/snapshots`;
export const tenantPath = (id) => `${TENANTS}/${segment(id)}`;

/** Whether the server accepted a secret: `{ state, problem }`; `state` is out or in. */
export const control = createStore({ state: "out", problem: null });

let secret = null;

/** Tries a secret, or a token for the twin. Returns what is wrong with it, or null. */
export async function enter(text) {
  const entered = text.trim().replace(/^Bearer\s+/i, "");
  if (entered === "") return "Paste the secret or a token first.";
  if (!/^[\x20-\x7e]+$/.test(entered)) return "A secret has only letters, digits and signs of ASCII.";
  secret = entered;
  try {
    await call("GET", TWIN);
  } catch (error) {
    secret = null;
    return error.status === 401 ? "The server does not accept this secret or token for its test twin." : error.message;
  }
  control.set({ state: "in", problem: null });
  return null;
}

/** Sends a request, with a body as text. Returns the JSON of the reply, or null; throws what the server says is wrong. */
export async function call(method, path, { body, signal } = {}) {
  const headers = { Authorization: `Bearer ${secret}`, ...(body === undefined ? {} : { "Content-Type": "application/json" }) };
  const options = { method, headers, body, signal, cache: "no-store", credentials: "omit", redirect: "error" };
  const reply = await fetch(absolute(path), options).catch((error) => {
    throw signal?.aborted ? error : new GraphError({ status: 0 });
  });
  const data = reply.status === 204 ? null : await reply.json().catch(() => null);
  if (reply.ok) return data;
  if (reply.status === 401 && control.get().state === "in") {
    secret = null;
    control.set({ state: "out", problem: "The server no longer accepts the secret or token." });
  }
  throw new GraphError({ status: reply.status, body: data, headers: reply.headers });
}

/** Sends a request with a value as its body. */
export const send = (method, path, value) => call(method, path, { body: JSON.stringify(value) });

/**
 * Reads a path, again while the page is visible, and after each call of `again`: `{ value, error, again }`.
 * The last value stays until there is a new one.
 */
export function useControl(path) {
  const [state, setState] = useState({ path, value: null, error: null });
  const [turn, setTurn] = useState(0);
  const read = async (signal) => {
    try {
      const value = await call("GET", path, { signal });
      setState({ path, value, error: null });
    } catch (error) {
      if (!signal.aborted) setState((old) => ({ path, value: old.path === path ? old.value : null, error }));
    }
    return true;
  };
  useEffect(() => {
    const abort = new AbortController();
    read(abort.signal);
    return () => abort.abort(new DOMException("The view is gone.", "AbortError"));
  }, [path, turn]);
  usePolling(path, read);
  const { value, error } = state.path === path ? state : { value: null, error: null };
  return { value, error, again: () => setTurn((old) => old + 1) };
}

/** Runs what a button does: `{ run, isRunning, problem }`. `run(act)` returns whether `act` succeeded. */
export function useAction() {
  const [state, setState] = useState({ isRunning: false, problem: null });
  const run = async (act) => {
    setState({ isRunning: true, problem: null });
    try {
      await act();
      setState({ isRunning: false, problem: null });
      return true;
    } catch (error) {
      setState({ isRunning: false, problem: error.message });
      return false;
    }
  };
  return { ...state, run };
}

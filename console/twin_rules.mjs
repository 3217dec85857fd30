// What the test twin can do to requests, as the reference of the control API has it: the faults of rules,
// the conditions, the throttle, and the manners of a client. Pure: it knows neither requests nor pages.

/** The faults: `then` of a rule, its name, what a client sees, and the conditions that make sense with it. */
export const FAULTS = [
  { name: "An error", then: { status: { code: 503 } }, sees: "This status, with an error in Graph's form. Nothing has happened." },
  { name: "The page of a gateway", then: { status: { code: 502, body: "html" } }, sees: "This status with a page of HTML. Nothing has happened." },
  { name: "Throttled", then: { throttle: { retryAfter: 10 } }, sees: "429 with Retry-After. Nothing has happened." },
  { name: "A late reply", then: { delay: { ms: 2000 } }, sees: "The reply comes after this time. With \"place\": \"after\", the request is carried out before it." },
  { name: "A lost reply", then: { lostReply: "reset" }, when: { method: "POST", first: 1 }, sees: "No byte of a reply: the connection is reset, with \"close\" closed, with \"timeout\" left open. Everything is committed." },
  { name: "Half a reply", then: { cut: "half" }, sees: "The whole head and the beginning of the body. Everything is committed." },
  { name: "A slow reply", then: { drip: { bytesPerSecond: 100 } }, sees: "The body comes slowly. Everything is committed." },
  { name: "A refused connection", then: { refuse: "reset" }, sees: "The connection is reset. Nothing has happened." },
  { name: "A pretended write", then: { pretend: true }, when: { method: "POST" }, sees: "The reply to a write, which is rolled back." },
  { name: "A doubled create", then: { twice: true }, when: { operation: "create" }, sees: "One reply, but a create without an id is carried out two times." },
  { name: "Stale reads", then: { stale: { for: "2s" } }, when: { method: "POST" }, sees: "After a write, reads see the tenant as it was before, for this time." },
  { name: "No nextLink", then: { quirk: "noNextLink" }, when: { operation: "list" }, sees: "A page that is not the last one has no @odata.nextLink." },
  { name: "$filter ignored", then: { quirk: "ignoreFilter" }, when: { operation: "list" }, sees: "The reply as without $filter." },
  { name: "$orderby ignored", then: { quirk: "ignoreOrderBy" }, when: { operation: "list" }, sees: "The reply as without $orderby." },
  { name: "A short first page", then: { quirk: { firstPage: 100 } }, when: { operation: "list" }, sees: "At most so many entities on the first page." },
  { name: "No Retry-After", then: { quirk: "noRetryAfter" }, sees: "429 and 503 have no Retry-After." },
  { name: "innererror", then: { quirk: "innererror" }, sees: "Errors have innererror instead of innerError." },
  { name: "Nulls left out", then: { quirk: "nullsLeftOut" }, sees: "No member that is null." },
  { name: "Three run states", then: { enum: "seed" }, sees: "scriptError, pending and notApplicable are shown as unknown." },
];

/** Methods and operations of `when`. */
export const METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"];
export const OPERATIONS = ["list", "get", "create", "update", "delete", "count", "action"];

/** To which of the requests that match a fault happens: the member of `when`, and its name for people. */
export const TURNS = [
  ["first", "the first"], ["nth", "only number"], ["every", "every so many"], ["after", "all after number"], ["times", "at most so many"], ["chance", "this share (0 to 1)"],
];

/** The text of a rule after a change: `edit({ when, then })` changes the rule. A text that is no JSON begins anew. */
export function edited(text, edit) {
  let rule;
  try {
    rule = JSON.parse(text);
  } catch {
    rule = {};
  }
  const changed = { ...rule, when: { ...rule?.when }, then: { ...rule?.then } };
  edit(changed);
  return JSON.stringify(changed, null, 2);
}

/** Sets a member of `when`, or removes it if the value is empty. */
export function setWhen({ when }, name, value) {
  if (value === "" || value === null) delete when[name];
  else when[name] = value;
}

/** Settings of a throttle to begin with. */
export const THROTTLES = [
  { name: "Off", value: { profile: "off" } },
  { name: "As documented for Intune", value: { profile: "intune-devices" } },
  { name: "A tenth of it", value: { profile: "intune-devices", scale: 0.1 } },
  { name: "With waits that are too short", value: { profile: "intune-devices", scale: 0.1, retryAfter: "lie" } },
  { name: "Five reads in 20 seconds", value: { custom: [{ match: { method: "GET" }, limit: 5, per: "PT20S" }] } },
];

/** The manners that Graph asks of a client, each with a sentence about a client that has it. */
export const MANNERS = [
  ["followsNextLinks", "Each @odata.nextLink is followed"],
  ["respectsRetryAfter", "No request is repeated before its Retry-After"],
  ["selects", "Each read has $select"],
  ["batchesAtMost20", "No batch has more than 20 requests"],
  ["noWriteRepeatedWithoutId", "No create is repeated without an id"],
  ["sendsClientRequestId", "Each request has a client-request-id"],
];

/** Assertions to begin with. */
export const ASSERTIONS = [
  { name: "Exactly one create", value: { match: { operation: "create" }, count: { exactly: 1 } } },
  { name: "At least one report of a failure", value: { match: { body: { runState: "fail" } }, count: { atLeast: 1 } } },
  { name: "A create, then a read", value: { order: [{ operation: "create" }, { operation: "list" }] } },
  { name: "Full pages", value: { match: { operation: "list", query: { $top: "1000" } } } },
];

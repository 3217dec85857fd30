// Drives the server with npm's @microsoft/microsoft-graph-client: that package's own way of
// building URLs, batches and pages. It knows nothing of how the server is built.
//
// The client takes a link apart only if it starts with https, as Graph's do. So the server is
// told that its public URL is https, and `fetch` stands in for the proxy that would end TLS.

import assert from "node:assert/strict";
import graph from "@microsoft/microsoft-graph-client";

const { Client, PageIterator, BatchRequestContent, BatchResponseContent, GraphError } = graph;
const [listen, publicUrl, token] = process.argv.slice(2);

const throughNetwork = globalThis.fetch;
globalThis.fetch = (request, options) => {
  const url = typeof request === "string" ? request : request.url;
  assert.ok(url.startsWith(`${publicUrl}/`), `the client left the server: ${url}`);
  const plain = listen + url.slice(publicUrl.length);
  return throughNetwork(typeof request === "string" ? plain : new Request(plain, request), options);
};

const client = Client.initWithMiddleware({
  baseUrl: publicUrl,
  defaultVersion: "beta",
  customHosts: new Set([new URL(publicUrl).hostname]),
  authProvider: { getAccessToken: async () => token },
});

const SCRIPTS = "/deviceManagement/deviceManagementScripts";
const CONTENT = Buffer.from("Write-Output 'hello'").toString("base64");
const create = (displayName, more = {}) =>
  client.api(SCRIPTS).post({
    "@odata.type": "#microsoft.graph.deviceManagementScript",
    displayName,
    fileName: `${displayName}.ps1`,
    scriptContent: CONTENT,
    runAsAccount: "system",
    ...more,
  });

const refused = async (promise, status, code) => {
  const error = await promise.then(() => null, (reason) => reason);
  assert.ok(error instanceof GraphError, `expected a GraphError, had ${error}`);
  assert.equal(error.statusCode, status);
  assert.equal(error.code, code);
  assert.ok(error.requestId, "the error has no request id");
  assert.ok(error.date instanceof Date && !Number.isNaN(error.date.getTime()), "no date");
};

let failures = 0;
const check = async (name, body) => {
  try {
    await body();
    console.log(`ok      javascript: ${name}`);
  } catch (error) {
    failures += 1;
    console.log(`FAILED  javascript: ${name}\n${error.stack}\n${error.body ?? ""}`);
  }
};

await check("a script is created, read, updated and deleted", async () => {
  const made = await create("one");
  const path = `${SCRIPTS}/${made.id}`;
  assert.equal((await client.api(path).get()).scriptContent, CONTENT);
  const changed = await client.api(path).patch({ description: "changed" });
  assert.equal(changed.description, "changed");
  assert.equal(changed.displayName, "one");
  await client.api(path).delete();
  await refused(client.api(path).get(), 404, "ResourceNotFound");
});

await check("an object that was read can be sent back whole", async () => {
  const made = await create("whole");
  const read = await client
    .api(`${SCRIPTS}/${made.id}`)
    .header("Accept", "application/json;odata.metadata=full")
    .get();
  const back = await client.api(`${SCRIPTS}/${made.id}`).patch({ ...read, description: "back" });
  assert.equal(back.description, "back");
  await client.api(`${SCRIPTS}/${made.id}`).delete();
});

await check("the founding call", async () => {
  const made = await create("founding");
  const states = `${SCRIPTS}/${made.id}/deviceRunStates`;
  const body = {
    "@odata.type": "#microsoft.graph.deviceManagementScriptDeviceState",
    runState: "success",
    resultMessage: "Result Message value",
    lastStateUpdateDateTime: "2017-01-01T00:02:58.4418045-08:00",
    errorCode: 9,
    errorDescription: "Error Description value",
  };
  const { "@odata.context": context, id, ...stored } = await client.api(states).post(body);
  assert.deepEqual(stored, body);
  assert.ok(context.startsWith(`${publicUrl}/beta/$metadata#`), context);
  assert.equal((await client.api(`${states}/${id}`).get()).errorCode, 9);
  await client.api(`${SCRIPTS}/${made.id}`).delete();
});

await check("PageIterator reaches every run state, with a filter, an order and a selection", async () => {
  const made = await create("pages");
  const states = `${SCRIPTS}/${made.id}/deviceRunStates`;
  for (let number = 0; number < 23; number += 1) {
    await client.api(states).post({ runState: number % 2 ? "fail" : "success", errorCode: number });
  }
  const all = async (request) => {
    const seen = [];
    const iterator = new PageIterator(client, await request.get(), (state) => seen.push(state) > 0);
    await iterator.iterate();
    assert.ok(iterator.isComplete());
    return seen;
  };
  const every = await all(client.api(states).top(5));
  assert.equal(new Set(every.map((state) => state.id)).size, 23);
  const failed = await all(
    client.api(states).filter("runState eq 'fail' and errorCode gt 2").orderby("errorCode desc").select("errorCode").top(3),
  );
  assert.deepEqual(failed.map((state) => state.errorCode), [21, 19, 17, 15, 13, 11, 9, 7, 5, 3]);
  const counted = await client.api(states).count(true).top(1).get();
  assert.equal(counted["@odata.count"], 23);
  assert.equal(Number(await client.api(`${states}/$count`).get()), 23);
  await client.api(`${SCRIPTS}/${made.id}`).delete();
});

await check("PageIterator stops and resumes", async () => {
  for (let number = 0; number < 7; number += 1) await create(`resume-${number}`);
  const seen = [];
  const first = await client.api(SCRIPTS).filter("startswith(displayName, 'resume-')").top(2).get();
  const iterator = new PageIterator(client, first, (script) => seen.push(script.id) !== 3);
  await iterator.iterate();
  assert.equal(seen.length, 3);
  await iterator.resume();
  assert.equal(new Set(seen).size, 7);
  for (const id of seen) await client.api(`${SCRIPTS}/${id}`).delete();
});

await check("assign replaces assignments, and expand shows them", async () => {
  const made = await create("assigned");
  const path = `${SCRIPTS}/${made.id}`;
  const groupId = "0f0e0d0c-0b0a-4908-8706-050403020100";
  await client.api(`${path}/assign`).post({
    deviceManagementScriptAssignments: [
      {
        "@odata.type": "#microsoft.graph.deviceManagementScriptAssignment",
        target: { "@odata.type": "#microsoft.graph.groupAssignmentTarget", groupId },
      },
      { target: { "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" } },
    ],
  });
  const { assignments } = await client.api(path).expand("assignments").get();
  assert.equal(assignments.length, 2);
  assert.ok(assignments.some((assignment) => assignment.id === `${made.id}:${groupId}`));
  const listed = await client.api(SCRIPTS).expand("assignments").filter(`id eq '${made.id}'`).get();
  assert.equal(listed.value[0].assignments.length, 2);
  await client.api(`${path}/assign`).post({ deviceManagementScriptAssignments: [] });
  assert.deepEqual((await client.api(path).expand("assignments").get()).assignments, []);
  await client.api(path).delete();
});

await check("a batch made by BatchRequestContent is answered for BatchResponseContent", async () => {
  const made = await create("batched");
  const url = `${publicUrl}/beta${SCRIPTS}`;
  const json = { "Content-Type": "application/json" };
  // The client itself sends only chains, fans and batches without dependencies.
  const chain = [
    { id: "1", request: new Request(`${url}/${made.id}/deviceRunStates`, {
      method: "POST", headers: json, body: JSON.stringify({ runState: "pending" }) }) },
    { id: "2", dependsOn: ["1"], request: new Request(`${url}/${made.id}/deviceRunStates`) },
    { id: "3", dependsOn: ["2"], request: new Request(`${url}/${made.id}`, { method: "DELETE" }) },
    { id: "4", dependsOn: ["3"], request: new Request(`${url}/${made.id}`) },
  ];
  const send = async (steps) => {
    const content = await new BatchRequestContent(steps).getContent();
    return new BatchResponseContent(await client.api("/$batch").post(content));
  };
  const answers = await send(chain);
  assert.equal(answers.getResponseById("1").status, 201);
  const listed = answers.getResponseById("2");
  assert.equal(listed.status, 200);
  assert.equal((await listed.json()).value[0].runState, "pending");
  assert.equal(answers.getResponseById("3").status, 204);
  assert.equal(answers.getResponseById("4").status, 404);
  const apart = await send([
    { id: "a", request: new Request(`${url}?$top=1`) },
    { id: "b", request: new Request(`${url}/nonsense/nonsense`) },
  ]);
  assert.equal(apart.getResponseById("a").status, 200);
  assert.equal(apart.getResponseById("b").status, 400);
  await refused(client.api(`${SCRIPTS}/${made.id}`).get(), 404, "ResourceNotFound");
});

await check("errors become GraphErrors", async () => {
  await refused(client.api(SCRIPTS).query({ $search: '"x"' }).get(), 400, "BadRequest");
  await refused(client.api(SCRIPTS).filter("nonsense eq 1").get(), 400, "BadRequest");
  await refused(client.api(SCRIPTS).post({ displayName: 7 }), 400, "ModelValidationFailure");
  await refused(client.api("/deviceManagement/nonsense").get(), 400, "BadRequest");
  await refused(client.api(SCRIPTS).version("v1.0").get(), 400, "BadRequest");
});

process.exitCode = failures === 0 ? 0 : 1;

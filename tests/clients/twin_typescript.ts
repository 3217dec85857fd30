// Drives the test twin with the helper clients/twin/twin.ts, each of its methods once. `run` compiles this
// file beside the helper.

import assert from "node:assert/strict";

import { type Tenant, Twin, TwinError } from "./twin.ts";

const SCRIPTS = "/deviceManagement/deviceManagementScripts";
const SEED = { deviceManagementScripts: [{ displayName: "a" }] };
const twin = new Twin();

const status = async (tenant: Tenant, token = tenant.tokens.user) =>
  (await fetch(tenant.graph + SCRIPTS, { headers: { Authorization: `Bearer ${token}` } })).status;

const check = async (name: string, body: () => Promise<void>) => {
  try {
    await body();
    console.log(`ok      twin, typescript: ${name}`);
  } catch (error) {
    process.exitCode = 1;
    console.log(`FAILED  twin, typescript: ${name}\n${error instanceof Error ? error.stack : error}`);
  }
};

const isGone = (error: unknown) =>
  error instanceof TwinError && error.status === 404 && error.code === "ResourceNotFound";

await check("a block removes its tenant also when it fails", async () => {
  const fails = async () => {
    await using tenant = await twin.tenant({ id: "typescript" });
    assert.equal(await status(tenant), 200);
    throw new RangeError(tenant.id);
  };
  await assert.rejects(fails, RangeError);
  await assert.rejects(twin.call("GET", "/tenants/typescript"), isGone);
});

await check("a tenant begins empty or seeded or as a copy", async () => {
  await using empty = await twin.tenant();
  await using seeded = await twin.tenant({ seed: SEED });
  await using fork = await twin.tenant({ from: seeded.id });
  assert.deepEqual(await empty.contents(), {});
  assert.deepEqual(await fork.contents(), await seeded.contents());
  await seeded.snapshot("typescript-base");
  const copy = await twin.tenant({ from: "typescript-base" });
  assert.deepEqual(await copy.contents(), await seeded.contents());
  await copy.delete();
  await twin.call("DELETE", "/snapshots/typescript-base");
});

await check("a reset restores the start", async () => {
  await using tenant = await twin.tenant();
  await tenant.rule({ then: { status: { code: 503 } } });
  assert.equal(await status(tenant), 503);
  await tenant.reset({ keep: ["rules"] });
  assert.equal(await status(tenant), 503);
  await tenant.reset();
  assert.equal(await status(tenant), 200);
});

await check("the clock decides about tokens", async () => {
  await using tenant = await twin.tenant({ clock: { now: "2026-02-28T23:59:00Z", rate: 0 } });
  assert.equal(await tenant.clock(), "2026-02-28T23:59:00Z");
  assert.equal(await tenant.advance("2h"), "2026-03-01T01:59:00Z");
  assert.equal(await status(tenant), 401);
  assert.equal(await status(tenant, await tenant.token()), 200);
  assert.equal(await status(tenant, await tenant.token({ spoil: "signature" })), 401);
  const back = tenant.clock({ now: "2026-01-01T00:00:00Z" });
  await assert.rejects(back, { status: 409 });
});

await check("a throttle refuses and requests are recorded and verified", async () => {
  await using tenant = await twin.tenant();
  await tenant.throttle({ custom: [{ match: { method: "GET" }, limit: 1 }] });
  assert.deepEqual([await status(tenant), await status(tenant)], [200, 429]);
  const sent = await tenant.requests();
  assert.deepEqual(sent.map((request) => request.status), [200, 429]);
  assert.deepEqual(await tenant.verify({ match: { method: "GET" }, count: { exactly: 2 } }), [1, 2]);
  await assert.rejects(tenant.verify({ match: { method: "POST" } }), /"wanted": "POST"/);
});

// The code that the console copies, run as it stands: Python and TypeScript, with the token in $TOKEN.
// PowerShell is not run here.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copied } from "../../console/copy.mjs";

const [base, token] = process.argv.slice(2);
const scripts = `${base}/beta/deviceManagement/deviceManagementScripts`;
const folder = mkdtempSync(join(tmpdir(), "runstate-copied-"));
// What is valid TypeScript and JavaScript at once needs no compiler.
const languages = [{ form: "python", file: "copied.py", program: "python3" }, { form: "typescript", file: "copied.mjs", program: "node" }];
const name = "It's a \"test\" of C:\\temp, 100 %, ü 😀\u2028 <b>";
let failed = false;

function run({ form, file, program }, request) {
  const text = copied(form, request);
  if (text.includes(token)) throw new Error("the code contains the token");
  writeFileSync(join(folder, file), text);
  return execFileSync(program, [join(folder, file)], { env: { ...process.env, TOKEN: token }, encoding: "utf8", stdio: "pipe" });
}

function check(language, what, act) {
  try {
    act();
    console.log(`ok      copied ${language.form}: ${what}`);
  } catch (error) {
    failed = true;
    console.log(`FAILED  copied ${language.form}: ${what}: ${error.stderr || error.message}`);
  }
}

function expect(isTrue, text) {
  if (!isTrue) throw new Error(`got ${text}`);
}

async function entity(id) {
  const reply = await fetch(`${scripts}/${id}`, { headers: { Authorization: `Bearer ${token}` } });
  return { status: reply.status, body: await reply.json() };
}

// The JSON in what a program printed: an entity, maybe after a status.
const printed = (output) => JSON.parse(output.slice(output.indexOf("{")));

for (const language of languages) {
  let id;
  check(language, "a body with quotes, controls and characters of all kinds arrives whole", () => {
    const body = JSON.stringify({ displayName: name, fileName: `${language.form}.ps1` });
    const made = printed(run(language, { method: "POST", url: scripts, headers: { "X-Note": "a: 'b' \"c\"" }, body }));
    id = made.id;
    expect(made.displayName === name, made.displayName);
  });
  check(language, "a filter with a quote finds the entity", () => {
    const url = `${scripts}?$filter=displayName eq '${name.replaceAll("'", "''").replaceAll("%", "%25")}' and fileName eq '${language.form}.ps1'&$select=id`;
    expect(run(language, { method: "GET", url, pages: true }).includes(id), "no such script");
  });
  check(language, "all pages of a list are read", () => {
    for (let n = 0; n < 5; n += 1) run(language, { method: "POST", url: `${scripts}/${id}/deviceRunStates`, body: JSON.stringify({ id: `s${n}` }) });
    const output = run(language, { method: "GET", url: `${scripts}/${id}/deviceRunStates?$top=2&$select=id`, pages: true });
    for (let n = 0; n < 5; n += 1) expect(output.includes(`s${n}`), output);
  });
  check(language, "an entity is changed", () => {
    const output = run(language, { method: "PATCH", url: `${scripts}/${id}`, headers: { Prefer: "return=representation" }, body: '{"displayName":"Renamed"}' });
    expect(output.includes("Renamed"), output);
  });
  check(language, "a request without a body is sent", () => run(language, { method: "DELETE", url: `${scripts}/${id}` }));
  const { status } = await entity(id);
  check(language, "the entity is deleted", () => expect(status === 404, status));
}

rmSync(folder, { recursive: true });
process.exit(failed ? 1 : 0);

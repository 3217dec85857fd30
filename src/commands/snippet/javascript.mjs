// Creates a script and lists all. Needs: npm install @azure/identity @microsoft/microsoft-graph-client
// Save it as a file that ends with .mjs.
import { EnvironmentCredential } from "@azure/identity";
import { Client } from "@microsoft/microsoft-graph-client";
import { TokenCredentialAuthenticationProvider } from "@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js";

const { origin, hostname } = new URL(process.env.RUNSTATE_GRAPH_URL);
// Without the option, the credential asks login.microsoftonline.com about the server first.
const credential = new EnvironmentCredential({ disableInstanceDiscovery: true });
const graph = Client.initWithMiddleware({
  authProvider: new TokenCredentialAuthenticationProvider(credential, {
    scopes: ["https://graph.microsoft.com/.default"],
  }),
  baseUrl: origin,
  customHosts: new Set([hostname]),
  defaultVersion: "beta",
});

const scripts = "/deviceManagement/deviceManagementScripts";
const made = await graph.api(scripts).post({
  displayName: "From JavaScript",
  fileName: "hello.ps1",
  scriptContent: Buffer.from("Write-Output 'hello'").toString("base64"),
});
console.log("created", made.id);
for (const script of (await graph.api(scripts).select("id,displayName").get()).value) {
  console.log(script.id, script.displayName);
}

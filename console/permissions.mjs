// Which permissions a request needs, out of the server's own OpenAPI document. It knows no view.
import { absolute } from "./graph.mjs";
import { parse } from "./route.mjs";

let document = null;

/**
 * The permissions of which a token needs one, before the request is sent: an array of names, empty where no
 * token is needed, or null for a request that the document does not describe, such as a batch.
 */
export async function neededBy(method, target) {
  const base = absolute("/").replace(/\/$/, "");
  const segments = parse(`#${target.trim().replace(base, "")}`).segments.map((name) => name.replace(/^microsoft\.graph\./i, ""));
  const found = (await operations()).filter(({ template, methods }) => methods[method] && matches(template, segments));
  // `/$count` fits the name of a property too: the template with fewer parameters is meant.
  const [closest] = found.sort((a, b) => parameters(a.template) - parameters(b.template));
  return closest ? closest.methods[method] : null;
}

async function operations() {
  document ??= read().catch((error) => {
    document = null;
    throw error;
  });
  return document;
}

async function read() {
  const reply = await fetch(absolute("/openapi.json"), { credentials: "omit" });
  const { paths } = await reply.json();
  return Object.entries(paths).map(([path, item]) => {
    const described = Object.entries(item).filter(([, operation]) => operation.responses);
    return { template: path.split("/").filter(Boolean), methods: Object.fromEntries(described.map(([method, { security = [] }]) => [method.toUpperCase(), security.flatMap(({ bearer = [] }) => bearer)])) };
  });
}

const isParameter = (name) => name.startsWith("{");
const parameters = (template) => template.filter(isParameter).length;

function matches(template, segments) {
  return template.length === segments.length && template.every((name, at) => isParameter(name) || name.toLowerCase() === segments[at].toLowerCase());
}

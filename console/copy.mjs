// A request as a line for a shell or as code. The token never is part of it: the text has $TOKEN.
// Texts are put on the clipboard. It knows no view.

/** The forms of a request, with the key that copies each after `c`. */
export const FORMS = [
  { id: "url", name: "URL", key: "u", write: (request) => address(request) },
  { id: "curl", name: "curl", key: "c", write: curl },
  { id: "powershell", name: "PowerShell", key: "p", write: powershell },
  { id: "python", name: "Python", key: "y", write: python },
  { id: "typescript", name: "TypeScript", key: "t", write: typescript },
];

/**
 * A request in a form. It is `{ method, url, headers, body, pages }`: an absolute URL, a body as
 * text or null, and whether the reply is a collection, which is then read page by page.
 */
export function copied(form, request) {
  const { method, headers = {}, body = null, pages = false } = request;
  const whole = { method, url: request.url, headers, body: body === "" ? null : body, pages: pages && method === "GET" };
  return FORMS.find(({ id }) => id === form).write(whole);
}

// Blanks and quotes in an OData URL are legible, but not good for a shell. Some signs that may not be in a
// URL are left alone by `URL`.
function address({ url }) {
  return new URL(url).href.replaceAll("'", "%27").replace(/[\\^`{|}]/g, encodeURIComponent);
}

function headersOf({ headers, body }) {
  const typed = Object.keys(headers).some((name) => name.toLowerCase() === "content-type");
  return body !== null && !typed ? { ...headers, "Content-Type": "application/json" } : headers;
}

function curl(request) {
  const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const verb = request.method === "GET" ? "" : ` -X ${request.method}`;
  const lines = [`curl -sS${verb} ${quoted(address(request))}`, `-H "Authorization: Bearer $TOKEN"`];
  for (const [name, value] of Object.entries(headersOf(request))) lines.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (request.body !== null) lines.push(`--data-binary ${quoted(request.body)}`);
  return lines.join(" \\\n  ");
}

function powershell(request) {
  // PowerShell takes the four curly apostrophes for apostrophes as well.
  const quoted = (text) => `'${text.replace(/['‘’‚‛]/g, "$&$&")}'`;
  // A Content-Type among the headers is refused by Windows PowerShell.
  const { type, others } = split(headersOf(request));
  const members = others.map(([name, value]) => `; ${quoted(name)} = ${quoted(value)}`).join("");
  const head = `$headers = @{ Authorization = "Bearer $env:TOKEN"${members} }\n$uri = ${quoted(address(request))}\n`;
  if (request.pages) {
    return `${head}do {\n    $page = Invoke-RestMethod -Uri $uri -Headers $headers\n    $page.value\n    $uri = $page.'@odata.nextLink'\n} while ($uri)`;
  }
  const call = `Invoke-RestMethod -Method ${request.method} -Uri $uri -Headers $headers`;
  if (request.body === null) return head + call;
  // A text would be sent in another encoding than UTF-8 by Windows PowerShell.
  return `${head}$body = [Text.Encoding]::UTF8.GetBytes(${quoted(request.body)})\n${call} -ContentType ${quoted(type)} -Body $body`;
}

function split(headers) {
  const entries = Object.entries(headers);
  const isType = ([name]) => name.toLowerCase() === "content-type";
  return { type: entries.find(isType)?.[1], others: entries.filter((entry) => !isType(entry)) };
}

// A string of JSON is one of Python and of TypeScript too, once it has no lone surrogate.
const string = (text) => JSON.stringify(text).replace(/[\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`);

function python(request) {
  const headers = Object.entries(headersOf(request)).map(([name, value]) => `, ${string(name)}: ${string(value)}`);
  const head = [
    "import json, os, urllib.request",
    "",
    `headers = {"Authorization": f"Bearer {os.environ['TOKEN']}"${headers.join("")}}`,
    `url = ${string(address(request))}`,
  ];
  if (request.pages) {
    return [
      ...head,
      "while url:",
      "    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as reply:",
      "        page = json.load(reply)",
      "    for entity in page[\"value\"]:",
      "        print(entity)",
      "    url = page.get(\"@odata.nextLink\")",
    ].join("\n");
  }
  const body = request.body === null ? "None" : `${string(request.body)}.encode()`;
  return [
    ...head,
    `request = urllib.request.Request(url, method=${string(request.method)}, headers=headers, data=${body})`,
    "with urllib.request.urlopen(request) as reply:",
    "    print(reply.read().decode())",
  ].join("\n");
}

function typescript(request) {
  const headers = Object.entries(headersOf(request)).map(([name, value]) => `, ${string(name)}: ${string(value)}`);
  const head = `const headers = { Authorization: \`Bearer \${process.env.TOKEN}\`${headers.join("")} };\n`;
  if (request.pages) {
    return [
      `${head}let url = ${string(address(request))};`,
      "while (url) {",
      "  const reply = await fetch(url, { headers });",
      "  if (!reply.ok) throw new Error(await reply.text());",
      "  const page = await reply.json();",
      "  for (const entity of page.value) console.log(entity);",
      "  url = page[\"@odata.nextLink\"];",
      "}",
    ].join("\n");
  }
  const body = request.body === null ? "" : `, body: ${string(request.body)}`;
  return [
    `${head}const reply = await fetch(${string(address(request))}, { method: ${string(request.method)}, headers${body} });`,
    "console.log(reply.status, await reply.text());",
  ].join("\n");
}

/** Puts a text on the clipboard. Returns whether the browser let the page do so. */
export async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return selected(text);
  }
}

// A page without TLS has no clipboard, but it may copy what is selected. Behind a dialog nothing is.
function selected(text) {
  const before = document.activeElement;
  const field = Object.assign(document.createElement("textarea"), { value: text, className: "hidden" });
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.select();
  const isDone = document.execCommand("copy");
  field.remove();
  before?.focus();
  return isDone;
}

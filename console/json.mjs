// JSON as lines of a page: names, texts and numbers in their colours, addresses of this server as
// links, and error codes with their meaning. It knows no view.
import { html, visible } from "./html.mjs";
import { describe } from "./codes.mjs";

const INDENT = "  ";

/** The parts of a value, line by line: `[{ text, kind, href }]`. `link(text)` gives an address or null. */
export function linesOf(value, link) {
  const lines = [[]];
  const put = (text, kind = "", href = null) => lines.at(-1).push({ text, kind, href });
  write(value, "", null, { put, line: () => lines.push([]), link });
  return lines;
}

/** Lines as text nodes and links. */
export function Lines({ lines }) {
  return lines.map((parts, at) => html`<span key=${at}>${parts.map(({ text, kind, href }) => (href
    ? html`<a class=${kind} href=${href}>${visible(text)}</a>` : kind ? html`<span class=${kind}>${visible(text)}</span>` : visible(text)))}${"\n"}</span>`);
}

function write(value, indent, name, to) {
  if (Array.isArray(value)) return members(value.map((item, at) => [null, item, at]), "[", "]", indent, to);
  if (value !== null && typeof value === "object") return members(Object.entries(value), "{", "}", indent, to);
  if (typeof value === "string") to.put(JSON.stringify(value), "json-text", to.link(value, name));
  else to.put(JSON.stringify(value), value === null ? "json-null" : "json-number");
  return undefined;
}

function members(entries, open, close, indent, to) {
  to.put(entries.length ? open : open + close);
  if (!entries.length) return;
  for (const [at, [name, value]] of entries.entries()) {
    to.line();
    to.put(indent + INDENT);
    if (name !== null) {
      to.put(JSON.stringify(name), "json-name");
      to.put(": ");
    }
    write(value, indent + INDENT, name, to);
    if (at + 1 < entries.length) to.put(",");
    const remark = name === "errorCode" && value ? meaningOf(value) : "";
    if (remark) to.put(`  // ${remark}`, "muted");
  }
  to.line();
  to.put(indent + close);
}

function meaningOf(code) {
  const { hex, meaning } = describe(code);
  return [hex, meaning].filter(Boolean).join(", ");
}

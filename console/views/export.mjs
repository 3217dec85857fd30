// A button that reads all pages of a request, and hands them over as a file of comma-separated values.
import { html, useEffect, useRef, useState } from "../html.mjs";
import { grouped } from "../chart.mjs";
import { get } from "../graph.mjs";
import { Icon } from "../shapes.mjs";

export function ExportButton({ request, name }) {
  const [read, setRead] = useState(null);
  const [problem, setProblem] = useState(null);
  const abort = useRef(null);
  useEffect(() => () => abort.current?.abort(new DOMException("The view is gone.", "AbortError")), [request]);
  const run = async () => {
    if (read !== null) {
      abort.current.abort(new DOMException("The user stopped the export.", "AbortError"));
      return;
    }
    abort.current = new AbortController();
    const { signal } = abort.current;
    setRead(0);
    setProblem(null);
    try {
      const entities = [];
      for (let next = request; next;) {
        const { data } = await get(next, { signal });
        entities.push(...data.value);
        next = data["@odata.nextLink"];
        setRead(entities.length);
      }
      save(`${name}.csv`, csv(entities));
    } catch (error) {
      if (!signal.aborted) setProblem(error.message);
    } finally {
      setRead(null);
    }
  };
  return html`${problem && html`<span class="bad small breaks" role="alert">The export stopped: ${problem}</span>`}<button class="export" onClick=${run} title=${read === null ? "All of the list as CSV" : "Stop"}><${Icon} name=${read === null ? "download" : "close"} size=${15} />${read === null ? "Export CSV" : `${grouped(read)} read`}</button>`;
}

/** Entities as comma-separated values: nested ones as `managedDevice.deviceName`. */
export function csv(entities) {
  const rows = entities.map((entity) => flat(entity));
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = [names, ...rows.map((row) => names.map((name) => row[name]))];
  return `\ufeff${lines.map((line) => line.map(cell).join(",")).join("\r\n")}\r\n`;
}

function flat(entity, prefix = "") {
  const pairs = Object.entries(entity).filter(([name]) => !name.includes("@odata."));
  return Object.fromEntries(pairs.flatMap(([name, value]) => {
    const isNested = value !== null && typeof value === "object" && !Array.isArray(value);
    return isNested ? Object.entries(flat(value, `${prefix}${name}.`)) : [[prefix + name, value]];
  }));
}

// A text that begins like a formula would be one in a spreadsheet.
function cell(value) {
  if (value === null || value === undefined) return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function save(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

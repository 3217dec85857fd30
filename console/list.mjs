// A list of any length: rows are on the page only where they can be seen, and pages of entities are
// read as the user comes near them. It knows no view.
import { html, useEffect, useLayoutEffect, useReducer, useRef, useState, visible } from "./html.mjs";
import { get } from "./graph.mjs";
import { Icon } from "./shapes.mjs";

// Pages that are kept. Older ones are read again by the link that led to them.
const MAX_PAGES = 20;
// Rows above and below the window, so that scrolling finds them drawn.
const MARGIN = 8;
// The tallest element that browsers lay out exactly is some 30 million pixels high.
const MAX_HEIGHT = 12_000_000;

/** The entities of a collection by their number, read page by page along the nextLinks. */
export class Pages {
  constructor(path, size = 1000) {
    this.size = size;
    this.links = [path];
    this.pages = new Map();
    this.running = null;
    this.isWhole = false;
    this.known = 0;
    this.abort = new AbortController();
  }

  /** The entity with a number, if it is here. */
  row(number) {
    return this.pages.get(Math.floor(number / this.size))?.[number % this.size];
  }

  /** Reads until the entity with a number is here. `changed` is called after each page. */
  async reach(number, changed) {
    this.wanted = Math.floor(number / this.size);
    this.running ??= this.read(changed).finally(() => (this.running = null));
    return this.running;
  }

  async read(changed) {
    while (!this.pages.has(this.wanted)) {
      const page = Math.min(this.wanted, this.links.length - 1);
      if (this.pages.has(page) && this.isWhole) return;
      const { data } = await get(this.links[page], { signal: this.abort.signal });
      this.pages.set(page, data.value);
      const next = data["@odata.nextLink"];
      if (next) this.links[page + 1] ??= next;
      else [this.isWhole, this.known] = [true, page * this.size + data.value.length];
      this.forget(page);
      changed();
    }
  }

  // The pages that are farthest from the one just read go first.
  forget(near) {
    while (this.pages.size > MAX_PAGES) {
      const farthest = [...this.pages.keys()].reduce((far, page) => (Math.abs(page - near) > Math.abs(far - near) ? page : far));
      this.pages.delete(farthest);
    }
  }

  /** The id of the entity before or after another one, of those that are here. */
  neighbour(id, step) {
    for (const [page, entities] of this.pages) {
      const at = entities.findIndex((entity) => entity.id === id);
      if (at >= 0) return this.row(page * this.size + at + step)?.id ?? null;
    }
    return null;
  }

  stop() {
    this.abort.abort(new DOMException("The list is gone.", "AbortError"));
  }
}

/** Pages of a path, for as long as a component shows them: `[pages, error]`. */
export function usePages(path) {
  const [, draw] = useReducer((count) => count + 1, 0);
  const [error, setError] = useState(null);
  const [pages, setPages] = useState(null);
  useEffect(() => {
    if (path === null) return undefined;
    const made = new Pages(path);
    setError(null);
    setPages(made);
    made.need = (number) => made.reach(number, draw).catch((reason) => made.abort.signal.aborted || setError(reason));
    made.need(0);
    return () => made.stop();
  }, [path]);
  return [pages, error];
}

/**
 * A table of `total` rows of one height, in pixels where the text has its usual size. `row(number)` returns the cells of a row, or null while it is
 * read; `need(number)` asks for rows; `columns` are `{ name, className }`; `label` names the table.
 */
export function Rows({ total, height: usual = 56, columns, row, need, label, selected = -1 }) {
  const height = usual * (parseFloat(getComputedStyle(document.documentElement).fontSize) / 16);
  const body = useRef(null);
  const [[from, to], setRange] = useState([0, 20]);
  const whole = Math.min(total * height, MAX_HEIGHT);
  useLayoutEffect(() => {
    const scroller = body.current.closest("[data-scrolls]") ?? document.scrollingElement;
    const look = () => setRange((old) => sameOr(old, rangeOf(body.current, scroller, total, height, whole)));
    look();
    const target = scroller === document.scrollingElement ? window : scroller;
    target.addEventListener("scroll", look, { passive: true });
    window.addEventListener("resize", look);
    return () => (target.removeEventListener("scroll", look), window.removeEventListener("resize", look));
  }, [total, height, whole]);
  useEffect(() => need?.(Math.max(Math.min(to, total) - 1, 0)), [from, to, total, need]);
  const shown = [];
  const scale = total * height > whole ? (whole - height) / (total * height - height) : 1;
  for (let number = from; number < Math.min(to, total); number += 1) shown.push(number);
  const top = from * height * scale;
  return html`<div class="table" role="table" aria-label=${label} aria-rowcount=${total + 1}>
    <div class="row head" role="row" aria-rowindex="1">
      ${columns.map(({ name, className = "" }) => html`<div role="columnheader" class=${className}>${name}</div>`)}
    </div>
    <div class="body" role="rowgroup" ref=${body} style=${{ height: `${whole}px` }}>
      ${shown.map((number, at) => html`<div key=${number} role="row" aria-rowindex=${number + 2} class=${`row${number === selected ? " selected" : ""}`}
        style=${{ top: `${top + at * height}px`, height: `${height}px` }}>${row(number) ?? columns.map(({ className = "" }) => html`<div role="cell" class=${className}><span class="skeleton"></span></div>`)}</div>`)}
    </div>
  </div>`;
}

function rangeOf(body, scroller, total, height, whole) {
  const box = body.getBoundingClientRect();
  const frame = scroller === document.scrollingElement ? { top: 0, bottom: innerHeight } : scroller.getBoundingClientRect();
  const above = Math.max(frame.top - box.top, 0);
  const tall = frame.bottom - frame.top;
  // Where the list is taller than a browser can lay out, the position is a share of it.
  const share = total * height > whole && whole > tall ? above / (whole - tall) : null;
  const first = Math.floor(share === null ? above / height : Math.min(share, 1) * (total - tall / height));
  const from = Math.max(first - (share === null ? MARGIN : 0), 0);
  return [from, Math.min(first + Math.ceil(tall / height) + MARGIN, total)];
}

const sameOr = (old, next) => (old[0] === next[0] && old[1] === next[1] ? old : next);

/** The filter of a list, for a filter that has no chip of its own. `href` is the list without it. */
export function FilterChip({ filter, href }) {
  return html`<a class="chip on" href=${href} title=${`Remove the filter ${filter}`}><code class="cut">${visible(filter)}</code><${Icon} name="close" size=${12} /></a>`;
}

/** Whether the page is as narrow as a phone, for rows of another height. */
export function useNarrow() {
  const query = matchMedia("(max-width: 47.5rem)");
  const [isNarrow, setNarrow] = useState(query.matches);
  useEffect(() => {
    const look = () => setNarrow(query.matches);
    query.addEventListener("change", look);
    return () => query.removeEventListener("change", look);
  }, []);
  return isNarrow;
}

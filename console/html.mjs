// The one place from which views take Preact and htm. It knows no view.
import { Fragment, h, render } from "./vendor/preact.mjs";
import htm from "./vendor/htm.mjs";

export { Fragment, render };
export { useCallback, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from "./vendor/hooks.mjs";

/** Markup as a tagged template: html`<p>${text}</p>`. Values become text nodes, never markup. */
export const html = htm.bind(h);

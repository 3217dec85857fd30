// Runs in each page before its own scripts. Holds what no page of the console may do.
(() => {
  // A browser that serves several tests runs this once for each.
  if (window.runstateHeld) return;
  const held = [];
  Object.defineProperty(window, "runstateHeld", { value: held });
  const hold = (text) => held.push(`${location.pathname}${location.hash.slice(0, 80)}: ${text}`);
  addEventListener("securitypolicyviolation", (event) => hold(`CSP ${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
  addEventListener("error", (event) => hold(`error ${event.message ?? event.target?.src ?? event.target?.href}`), true);
  addEventListener("unhandledrejection", (event) => hold(`unhandled rejection ${event.reason?.stack ?? event.reason}`));
  for (const level of ["error", "warn"]) {
    const write = console[level];
    console[level] = (...parts) => {
      hold(`console.${level} ${parts.map(String).join(" ")}`);
      write.apply(console, parts);
    };
  }
  new PerformanceObserver((list) => {
    for (const { name } of list.getEntries()) {
      if (new URL(name).origin !== location.origin) hold(`request to ${name}`);
    }
  }).observe({ type: "resource", buffered: true });
})();

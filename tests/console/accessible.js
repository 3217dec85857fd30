// What a page of the console must be for everybody. Returns the faults as texts.
const faults = [];
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const { violations } = await axe.run(document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] });
for (const { id, nodes } of violations) {
  for (const { html, failureSummary } of nodes.slice(0, 3)) faults.push(`${id}: ${html.slice(0, 200)} ${failureSummary}`);
}
for (const { scrollWidth, clientWidth } of [document.documentElement, document.querySelector("[data-scrolls]")].filter(Boolean)) {
  if (scrollWidth <= clientWidth) continue;
  const wide = [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > clientWidth + 1);
  const names = wide.slice(0, 5).map((e) => e.outerHTML.slice(0, 100));
  faults.push(`the page is ${scrollWidth} px wide in a place of ${clientWidth} px: ${names.join(" ")}`);
}
// A text that is cut off must be there as a whole for those who ask: as a title or a label.
for (const element of document.body.querySelectorAll("*")) {
  const style = getComputedStyle(element);
  if (style.textOverflow !== "ellipsis" || element.scrollWidth <= element.clientWidth + 1) continue;
  if (element.closest("[title], [aria-label]") || element.matches("input")) continue;
  faults.push(`a text is cut off without a title: ${element.outerHTML.slice(0, 160)}`);
}
return faults;

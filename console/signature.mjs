// The signature of an output: the text by which failures with one cause are grouped.
// It knows nothing of run states, devices or pages.
//
// Version 1. The signature is the message of the first PowerShell error record, else the first line
// that is not empty. Whatever differs from device to device becomes a named gap, written ‹guid›.
// A change of the rules changes VERSION, since links to groups contain signatures.

/** The version of the rules; a link to a group names it. */
export const VERSION = 1;

/** The length at which a signature is cut, in characters. */
export const LENGTH = 160;

// An output may have megabytes. An error stands near its beginning.
const SEARCHED = 65536;
const LINE = 1000;

// What ends the message of an error record: the position, or the first line of its details.
const RECORD_END = /^(?:At |\s*\+ |Line \|)/;
const POSITION = /^(?:At .*:\d+ char:\d+|\s*\+ CategoryInfo\s*:|Line \|)/;
// A command or a file that reports an error by itself, such as `New-PSDrive : Access is denied`.
const COMMAND = /^(?:[A-Z][a-z]+-[A-Z]\w*|[^\s:]+\.(?:exe|ps1|psm1|cmd|bat)) ?: (?=\S)/;
// Any name, such as that of a program that was not found.
const NAME = /^\S{1,200} : (?=\S)/;

const FILE = "ps1|psm1|psd1|exe|dll|msi|msix|appx|cab|sys|inf|log|txt|xml|json|csv|ini|cfg|conf|cmd|bat|vbs|sh|py|plist|pkg|dmg|app|zip|reg|dat|tmp|cer|crt|pfx|pem";

// In this order: a rule must not find its text inside a gap of a longer one.
const GAPS = [
  ["text", /(?<![\p{L}\p{N}])'[^']{1,300}'(?![\p{L}\p{N}])|"[^"]{1,300}"|“[^”]{1,300}”|‘[^’]{1,300}’|«[^»]{1,300}»|`[^`]{1,300}`/gu],
  ["url", /\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s<>"')\]]+/gi],
  ["guid", /\{?\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b\}?/gi],
  ["e-mail", /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g],
  ["unc", /\\\\[^\s\\"'<>|]+(?:\\[^\s\\"'<>|,;)]*)*/g],
  ["path", /(?<!\w)(?:[A-Za-z]:|HK[A-Z_]{2,20}:?)\\(?:[^\\:"<>|?*]{1,255}\\){0,32}[^\s\\:"<>|?*,;)]*/g],
  ["path", /(?<![\w.<\/])~?\/(?:(?:Application Support|[\w.@+-]{1,255})\/){0,32}[\w@+-][\w.@+-]{0,254}(?<!\.)/g],
  ["drive", /(?<!\w)[A-Z]:(?![\w\\/])/g],
  ["address", /\b\d{1,3}(?:\.\d{1,3}){3}\b(?::\d{1,5}\b)?/g],
  ["address", /\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b|(?<![\w:])(?=[0-9a-f:]{0,35}::|(?:[0-9a-f]{1,4}:){7})(?=:*[0-9a-f])[0-9a-f:]{3,39}(?![\w:])/gi],
  ["date", /\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z| ?[+-]\d\d:?\d\d)?)?/g],
  ["date", /\b\d{1,2}[\/.]\d{1,2}[\/.]\d{4}(?:,? \d{1,2}:\d\d(?::\d\d)?(?: ?[AP]M)?)?/gi],
  ["date", /\b\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?[AP]M\b|\b)/gi],
  ["hex", /\b0x[0-9a-f]+\b|\b(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b/gi],
  ["host", new RegExp(`(?<![\\w.@-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.){1,8}(?!(?:${FILE})\\b)[a-z]{2,24}(?![\\w.-]*\\w)(?::\\d{1,5})?`, "g")],
  ["number", /(?<![\p{L}\p{N}_.])[-+]?\d+(?:[.,]\d+)*(?![\p{N}_])/gu],
];

/** The signature of an output; the empty text if there is no output. */
export function signature(output) {
  let text = errorLine(output ?? "").slice(0, LINE);
  // The marks of gaps are ours alone, so that a hostile output cannot pretend to have one.
  text = text.replace(/[‹›]/g, "'").replace(/[\p{Cc}\p{Cf}]/gu, " ");
  text = withGaps(text, 0);
  text = text.replace(/\s+/g, " ").trim();
  return cut(text);
}

/** The parts of a signature, for a page: `{ text }`, or `{ gap }` with its name. */
export function parts(text) {
  const found = text.split(/(‹[a-z-]+›)/).filter((part) => part !== "");
  return found.map((part) => (/^‹[a-z-]+›$/.test(part) ? { gap: part.slice(1, -1) } : { text: part }));
}

/** The line of an output that says what went wrong, or its first line that is not empty. */
export function errorLine(output) {
  const lines = output.slice(0, SEARCHED).split(/\r\n|\r|\n/);
  for (let at = 0; at < lines.length; at += 1) {
    const name = COMMAND.exec(lines[at]) ?? (beginsRecord(lines, at) ? NAME.exec(lines[at]) : null);
    if (name) return message(lines, at, name[0].length);
  }
  return (lines.find((line) => line.trim() !== "") ?? "").trim();
}

// PowerShell wraps a long message at the width of its console: up to eight lines are one message.
function beginsRecord(lines, at) {
  for (let next = at + 1; next < Math.min(at + 9, lines.length); next += 1) {
    if (POSITION.test(lines[next])) return true;
    if (lines[next].trim() === "" || RECORD_END.test(lines[next])) return false;
  }
  return false;
}

function message(lines, at, start) {
  if (/^Line \|/.test(lines[at + 1] ?? "")) return details(lines, at + 3);
  const found = [lines[at].slice(start)];
  if (!beginsRecord(lines, at)) return found[0].trim();
  for (let next = at + 1; next < lines.length && !RECORD_END.test(lines[next]); next += 1) {
    found.push(lines[next]);
  }
  return found.map((line) => line.trim()).join(" ");
}

// PowerShell 7 writes the message below the line of the script, behind a bar.
function details(lines, from) {
  const found = [];
  for (let next = from; /^\s+\| /.test(lines[next] ?? ""); next += 1) {
    const text = lines[next].replace(/^\s+\|/, "").trim();
    if (!/^~*$/.test(text)) found.push(text);
  }
  return found.join(" ");
}

// Applies the rules from `rule` on. What is between two gaps is searched by the next rule alone.
function withGaps(text, rule) {
  if (rule === GAPS.length || text === "") return text;
  const [name, pattern] = GAPS[rule];
  let done = "";
  let from = 0;
  for (const found of text.matchAll(pattern)) {
    done += withGaps(text.slice(from, found.index), rule + 1) + `‹${name}›`;
    from = found.index + found[0].length;
  }
  return done + withGaps(text.slice(from), rule + 1);
}

// Cuts between characters, and never inside a gap.
function cut(text) {
  const characters = [...text];
  if (characters.length <= LENGTH) return text;
  let kept = characters.slice(0, LENGTH - 1).join("");
  if (kept.lastIndexOf("‹") > kept.lastIndexOf("›")) kept = kept.slice(0, kept.lastIndexOf("‹"));
  return `${kept.trimEnd()}…`;
}

// Instants and durations as a person reads them, in the time zone of the browser.
// It knows neither run states nor pages; `now` is always an argument, so that it can be tested.

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const two = (number) => String(number).padStart(2, "0");

// What the present is counted from: the clock of this browser, or that of a test tenant.
let source = { now: 0, read: 0, rate: 1 };

/** The present of the data that the views show. */
export const present = () => source.now + (Date.now() - source.read) * source.rate;

/** Takes the clock of a test tenant, `{ now, rate }` as the twin has it; null for that of this browser. */
export function takeClock(clock) {
  source = clock ? { now: instant(clock.now), read: Date.now(), rate: clock.rate } : { now: 0, read: 0, rate: 1 };
}

/** The milliseconds of a date-time of Graph, which may have seven digits of a second; NaN for none. */
export function instant(text) {
  return text ? Date.parse(text.replace(/(\.\d{3})\d+/, "$1")) : NaN;
}

// A date-time that nobody has set is NaN, or that of the year 1 as Graph has it.
const isSet = (at) => at > 0;

/** How long ago an instant was: `just now`, `6 min ago`, `2 h ago`, `3 days ago`, else the date, or `never`. */
export function ago(at, now) {
  const past = now - at;
  if (!isSet(at)) return "never";
  if (past < -MINUTE) return date(at, now);
  if (past < MINUTE) return "just now";
  if (past < HOUR) return `${Math.floor(past / MINUTE)} min ago`;
  if (past < DAY) return `${Math.floor(past / HOUR)} h ago`;
  if (past < 2 * DAY) return "1 day ago";
  if (past < 14 * DAY) return `${Math.floor(past / DAY)} days ago`;
  return date(at, now);
}

/** Hours and minutes: `09:41`. */
export function clock(at) {
  const day = new Date(at);
  return `${two(day.getHours())}:${two(day.getMinutes())}`;
}

/** The day of an instant: `Today`, `Yesterday`, `Wed 25 Nov`, or with another year `25 Nov 2025`. */
export function date(at, now) {
  const today = startOfDay(now);
  if (at >= today && at < nextDay(today)) return "Today";
  if (at < today && at >= startOfDay(today - 1)) return "Yesterday";
  const day = new Date(at);
  const name = `${day.getDate()} ${MONTHS[day.getMonth()]}`;
  const sameYear = day.getFullYear() === new Date(now).getFullYear();
  return sameYear ? `${DAYS[day.getDay()]} ${name}` : `${name} ${day.getFullYear()}`;
}

/** Day and clock: `today 09:41`, `yesterday 17:20`, `Wed 25 Nov 08:12`. */
export function moment(at, now) {
  if (!isSet(at)) return "never";
  const day = date(at, now);
  return `${day === "Today" || day === "Yesterday" ? day.toLowerCase() : day} ${clock(at)}`;
}

/** The whole date-time as Graph has it, every digit and the client's offset, with the day's name. */
export function whole(text) {
  const found = /^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:\d\d)$/.exec(text ?? "");
  if (!found) return { time: text ?? "", offset: "" };
  const [, year, month, day, time, offset] = found;
  const midday = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day), 12));
  const name = `${DAYS[midday.getUTCDay()]} ${Number(day)} ${MONTHS[Number(month) - 1]} ${year}`;
  return { time: `${name} ${time}`, offset: offset === "Z" ? "UTC" : offset };
}

/** Midnight before an instant. */
export function startOfDay(at) {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** The midnight after a midnight: a day of a change of clocks has 23 or 25 hours. */
export function nextDay(midnight) {
  const day = new Date(midnight);
  return day.setDate(day.getDate() + 1);
}

/** The last `count` days, the oldest first: `{ from, to, name, short, today }`. */
export function lastDays(count, now) {
  const days = [];
  const day = new Date(startOfDay(now));
  day.setDate(day.getDate() - count + 1);
  for (let n = 0; n < count; n += 1) {
    const from = day.getTime();
    const today = n === count - 1;
    const short = today ? "Today" : DAYS[day.getDay()];
    const name = today ? "Today" : `${DAYS[day.getDay()]} ${day.getDate()}`;
    day.setDate(day.getDate() + 1);
    days.push({ from, to: day.getTime(), name, short, today });
  }
  return days;
}

/** The date-time of an instant for `$filter`: UTC, whole seconds. */
export function literal(at) {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}

/** A length of time: `850 ms`, `42 s`, `3 min`, `2 h 5 min`, `4 days`. */
export function duration(milliseconds) {
  const round = Math.round(milliseconds);
  if (round < SECOND) return `${round} ms`;
  if (round < MINUTE - SECOND / 2) return `${Math.round(round / SECOND)} s`;
  if (round < HOUR - MINUTE / 2) return `${Math.round(round / MINUTE)} min`;
  if (round < 2 * DAY) {
    const minutes = Math.round(round / MINUTE);
    return `${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60} min` : ""}`;
  }
  return `${Math.round(round / DAY)} days`;
}

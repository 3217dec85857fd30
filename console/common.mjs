// What the devices of a group have in common, against other devices.
// Pure: it knows devices as Graph has them, and neither requests nor pages.
import { literalText } from "./route.mjs";

/** The properties of a managed device that are compared, with their names for people. */
export const PROPERTIES = [
  ["model", "Model"],
  ["osVersion", "OS version"],
  ["manufacturer", "Manufacturer"],
  ["deviceCategoryDisplayName", "Category"],
  ["enrollmentProfileName", "Enrollment profile"],
  ["joinType", "Join type"],
  ["processorArchitecture", "Architecture"],
  ["freeStorageSpaceInBytes", "Free storage"],
];

/** The `$select` of the properties. */
export const SELECTED = PROPERTIES.map(([property]) => property).join(",");

/** From this factor on, a share is worth a badge: less is what chance makes. */
export const FACTOR = 1.5;

/** A group of fewer devices says nothing about a cause. */
export const LEAST = 20;

const GB = 2 ** 30;
const STORAGE = [[2, "below 2 GB"], [10, "2 to 10 GB"], [50, "10 to 50 GB"], [Infinity, "50 GB or more"]];

/** Counts of devices by the values of their properties. Devices may be added page by page. */
export class Tally {
  constructor() {
    this.devices = 0;
    this.values = new Map(PROPERTIES.map(([property]) => [property, new Map()]));
  }

  /** Counts a device. One that is null, since nobody registered it, is left out. */
  add(device) {
    if (!device) return;
    this.devices += 1;
    for (const [property, counts] of this.values) {
      const value = shown(property, device[property]);
      if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  }

  /** The share of devices that have a value, from 0 to 1. */
  share(property, value) {
    return this.devices ? (this.values.get(property).get(value) ?? 0) / this.devices : 0;
  }
}

/**
 * One entry a property, the most telling first: `{ property, name, value, count, here, all, factor, telling }`.
 * `count` devices of the group have the value; `here` and `all` are shares of the group and of all
 * devices; `telling` is whether the factor deserves a badge.
 */
export function inCommon(group, all) {
  const found = [];
  for (const [property, name] of PROPERTIES) {
    const best = mostTelling(group, all, property);
    if (best) found.push({ property, name, ...best });
  }
  return found.sort((a, b) => b.telling - a.telling || b.weight - a.weight);
}

// A value that three of 400 devices have may have any factor. The distance of the shares, which is
// as large as both the share and the factor allow, finds the value that explains most devices.
function mostTelling(group, all, property) {
  let best = null;
  for (const [value, count] of group.values.get(property)) {
    const here = count / group.devices;
    const everywhere = Math.max(all.share(property, value), here * (group.devices / Math.max(all.devices, group.devices)));
    const found = { value, count, ...compared(count, group.devices, everywhere) };
    if (!best || found.telling > best.telling || (found.telling === best.telling && found.weight > best.weight)) best = found;
  }
  return best;
}

function compared(count, devices, everywhere) {
  const here = count / devices;
  const factor = here / everywhere;
  const telling = factor >= FACTOR && devices >= LEAST && count * 5 >= devices;
  return { here, all: everywhere, factor, weight: here - everywhere, telling };
}

/** An entry with the share of a whole fleet: so many of its `devices` have the value. */
export function against(entry, group, having, devices) {
  return { ...entry, ...compared(entry.count, group.devices, Math.max(having, entry.count) / Math.max(devices, group.devices)) };
}

/** The condition of OData for the devices that have the value of an entry. */
export function conditionOf({ property, value }) {
  if (property !== "freeStorageSpaceInBytes") return `${property} eq ${literalText(value)}`;
  const at = STORAGE.findIndex(([, name]) => name === value);
  const least = at === 0 ? `${property} gt 0` : `${property} ge ${STORAGE[at - 1][0] * GB}`;
  return at === STORAGE.length - 1 ? least : `${least} and ${property} lt ${STORAGE[at][0] * GB}`;
}

function shown(property, value) {
  // A device that never told has the first member of an enumeration, which is `unknown`.
  if (value === null || value === undefined || value === "" || value === "unknown") return null;
  if (property !== "freeStorageSpaceInBytes") return String(value);
  // Graph says 0 of a device that has never told.
  return value <= 0 ? null : STORAGE.find(([limit]) => value < limit * GB)[1];
}

// What the devices of a group have in common, against all devices that were read.
// Pure: it knows devices as Graph has them, and neither requests nor pages.

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
 * One entry a property, the most telling first: `{ property, name, value, here, all, factor, telling }`.
 * `here` and `all` are shares of the group and of all devices; `telling` is whether the factor
 * deserves a badge.
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
    const factor = here / everywhere;
    const weight = here - everywhere;
    const telling = factor >= FACTOR && group.devices >= LEAST && count * 5 >= group.devices;
    if (!best || telling > best.telling || (telling === best.telling && weight > best.weight)) {
      best = { value, here, all: everywhere, factor, weight, telling };
    }
  }
  return best;
}

function shown(property, value) {
  if (value === null || value === undefined || value === "") return null;
  if (property !== "freeStorageSpaceInBytes") return String(value);
  // Graph says 0 of a device that has never told.
  return value <= 0 ? null : STORAGE.find(([limit]) => value < limit * GB)[1];
}

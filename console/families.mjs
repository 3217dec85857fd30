// The three families of scripts, with their entity sets and their words. It knows no request.

/** The path of device management. */
export const ROOT = "/beta/deviceManagement";

/** `set` is the entity set, `name` the word for people, `system` the devices' `operatingSystem`. */
export const FAMILIES = [
  { set: "deviceManagementScripts", name: "Windows", system: "Windows", icon: "laptop" },
  { set: "deviceShellScripts", name: "macOS", system: "macOS", icon: "laptop" },
  { set: "deviceCustomAttributeShellScripts", name: "Custom attributes", system: "macOS", icon: "document" },
];

/** The family of an entity set, in any case. */
export function familyOf(set) {
  return FAMILIES.find((family) => family.set.toLowerCase() === set?.toLowerCase());
}

/** The path of a family. */
export const familyPath = (family) => `${ROOT}/${family.set}`;

/** The path of the managed devices. */
export const DEVICES = `${ROOT}/managedDevices`;

/** Versions of the protocol, as lists of numbers that compare one by one. */

export type Version = readonly number[];

export const MIN_VERSION: Version = /* @__PURE__ */ Object.freeze([1, 4]);
export const MAX_VERSION: Version = /* @__PURE__ */ Object.freeze([1, 6]);

export function versionText(version: Version): string {
  return version.join(".");
}

export function compareVersions(a: Version, b: Version): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * The version to speak: the highest that both know. ElectrumX: util.protocol_version.
 * @param asked `"1.4"`, `["1.4", "1.6"]`, or nothing, which stands for the oldest
 * @returns `undefined` where there is none
 */
export function negotiate(asked: unknown): Version | undefined {
  const isOpen = asked === undefined || asked === null;
  const range = isOpen ? [MIN_VERSION] : [asked].flat().map(parse);
  const [least, most = least] = range;
  if (range.length > 2 || least === undefined || most === undefined) return undefined;
  const chosen = compareVersions(most, MAX_VERSION) < 0 ? most : MAX_VERSION;
  const isEnough = [least, MIN_VERSION].every((each) => compareVersions(chosen, each) >= 0);
  return isEnough ? chosen : undefined;
}

function parse(version: unknown): Version | undefined {
  if (typeof version !== "string" || !/^\d{1,4}(\.\d{1,4}){0,3}$/.test(version)) return undefined;
  const numbers = version.split(".").map(Number);
  return numbers.length < 2 ? [...numbers, 0] : numbers;
}

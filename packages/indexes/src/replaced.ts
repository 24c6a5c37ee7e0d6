/** Two blocks whose coinbases were replaced by later ones of the same id, so that nobody can spend them. Core: IsBIP30Unspendable. */
export const REPLACED: ReadonlySet<string> = /* @__PURE__ */ new Set([
  "00000000000271a2dc26e7667f8419f2e15416dc6955e5a6c6cdf3f2574dd08e", // 91,722
  "00000000000af0aed4792b1acee3d966af36cf5def14935db8de83d6f9306f2f", // 91,812
]);

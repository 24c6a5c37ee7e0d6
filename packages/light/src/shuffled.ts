import type { Random } from "@chain/engine";

/** In random order, so that no place in the order is one's own. */
export function shuffled<Item>(items: readonly Item[], random: Random): readonly Item[] {
  const bytes = random.bytes(4 * items.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return items
    .map((item, i) => ({ item, rank: view.getUint32(4 * i) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}

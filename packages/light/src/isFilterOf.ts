import { type Block, filterMatchesAll, isChainError, Opcode, Reader } from "@chain/core";
import { requireBlock, requireByteArrays, requireBytes } from "@chain/core/arguments";

/**
 * Whether bytes can be the basic filter of a block (BIP-0158), as far as the block alone tells: they hold all scripts
 * of its outputs, and those that are known of the coins that it spends, and no more scripts than there can be. `false`
 * proves a lie. The scripts of other coins are not guessed from signatures, as some clients do: then a block could be
 * made for which all honest peers look like liars.
 * @param spent scripts of coins that the block is known to spend
 * @example
 * isFilterOf(blockFilter(block, [[coin]]), block, [coin.scriptPubKey]) // true
 * isFilterOf(Uint8Array.of(0), block, []) // false: the empty filter
 */
export function isFilterOf(
  filter: Uint8Array,
  block: Block,
  spent: readonly Uint8Array[],
): boolean {
  requireBytes(filter, "filter");
  requireBlock(block, "block");
  requireByteArrays(spent, "spent");

  const { transactions, hash } = block;
  const made = transactions
    .flatMap(({ outputs }) => outputs.map(({ scriptPubKey }) => scriptPubKey))
    .filter((script) => script.length > 0 && script[0] !== Opcode.OP_RETURN);
  const scripts = [...made, ...spent.filter(({ length }) => length > 0)];
  const inputs = transactions.slice(1).reduce((sum, { inputs: { length } }) => sum + length, 0);
  try {
    const count = Number(new Reader(filter).compactSize64());
    return count <= made.length + inputs && filterMatchesAll(filter, hash, scripts);
  } catch (error) {
    if (isChainError(error)) return false; // too short for what it says
    throw error;
  }
}

/**
 * Litecoin Core 0.21, as Debian has it. On regtest it differs from Bitcoin in its genesis block, in what it counts as
 * work, and in what its addresses look like.
 */
import { scryptSync } from "node:crypto";
import { Block, type BlockHash, type BlockHeader, type ChainParams, regtest } from "@chain/core";

/** Its work: scrypt of the header, read as a number like any hash. */
function powHash(header: BlockHeader): BlockHash {
  const bytes = header.toBytes();
  const hash = scryptSync(bytes, bytes, 32, { N: 1024, r: 1, p: 1 });
  return hash.reverse().toString("hex") as BlockHash;
}

const GENESIS = Block.fromHex(
  "010000000000000000000000000000000000000000000000000000000000000000000000d9ced4ed1130f7b7faad9be25323ffafa33232a17c3edf6cfd97bee6bafbdd97dae5494dffff7f2000000000" +
    "0101000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4804ffff001d0104404e592054696d65732030352f4f63742f32303131205374657665204a6f62732c204170706c65e280997320566973696f6e6172792c2044696573206174203536ffffffff" +
    "0100f2052a010000004341040184710fa689ad5023690c80f3a49c8f13f8d45b8c857fbcbc8bc4a8e4d3eb4b10f4d4604fa08dce601aaf0f470216fe1b51850b4acf21b179c45070ac7b03a9ac00000000",
);

/** Its regtest below height 432, where extension blocks would begin that nobody else knows. */
export const litecoinRegtest: ChainParams = Object.freeze({
  ...regtest,
  genesis: GENESIS,
  powHash,
  targetSpacing: 150,
  targetTimespan: 302_400,
  deployments: { bip34: 500, bip65: 1351, bip66: 1251, csv: 432, segwit: 0 },
  scriptHashPrefix: 0x3a,
  bech32Hrp: "rltc",
});

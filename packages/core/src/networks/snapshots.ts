/** Blocks of Bitcoin's networks whose coins are known. Values: m_assumeutxo_data in kernel/chainparams.cpp. */
import type { BlockHash } from "../ids.ts";
import type { AssumedUtxo } from "../params.ts";

export const mainnetSnapshots: readonly AssumedUtxo[] = /* @__PURE__ */ (() =>
  Object.freeze([
    assumed(
      840_000,
      "0000000000000000000320283a032748cef8227873ff4872689bf23f1cda83a5",
      "a2a5521b1b5ab65f67818e5e8eccabb7171a517f9e2382208f77687310768f96",
      991_032_194,
    ),
    assumed(
      880_000,
      "000000000000000000010b17283c3c400507969a9c2afd1dcf2082ec5cca2880",
      "dbd190983eaf433ef7c15f78a278ae42c00ef52e0fd2a54953782175fbadcea9",
      1_145_604_538,
    ),
    assumed(
      910_000,
      "0000000000000000000108970acb9522ffd516eae17acddcb1bd16469194a821",
      "4daf8a17b4902498c5787966a2b51c613acdab5df5db73f196fa59a4da2f1568",
      1_226_586_151,
    ),
    assumed(
      935_000,
      "0000000000000000000147034958af1652b2b91bba607beacc5e72a56f0fb5ee",
      "e4b90ef9eae834f56c4b64d2d50143cee10ad87994c614d7d04125e2a6025050",
      1_305_397_408,
    ),
  ]))();

export const testnet4Snapshots: readonly AssumedUtxo[] = /* @__PURE__ */ (() =>
  Object.freeze([
    assumed(
      90_000,
      "0000000002ebe8bcda020e0dd6ccfbdfac531d2f6a81457191b99fc2df2dbe3b",
      "784fb5e98241de66fdd429f4392155c9e7db5c017148e66e8fdbc95746f8b9b5",
      11_347_043,
    ),
    assumed(
      120_000,
      "000000000bd2317e51b3c5794981c35ba894ce27d3e772d5c39ecd9cbce01dc8",
      "10b05d05ad468d0971162e1b222a4aa66caca89da2bb2a93f8f37fb29c4794b0",
      14_141_057,
    ),
  ]))();

export const signetSnapshots: readonly AssumedUtxo[] = /* @__PURE__ */ (() =>
  Object.freeze([
    assumed(
      160_000,
      "0000003ca3c99aff040f2563c2ad8f8ec88bd0fd6b8f0895cfaf1ef90353a62c",
      "fe0a44309b74d6b5883d246cb419c6221bcccf0b308c9b59b7d70783dbdf928a",
      2_289_496,
    ),
    assumed(
      290_000,
      "0000000577f2741bb30cd9d39d6d71b023afbeb9764f6260786a97969d5c9ac0",
      "97267e000b4b876800167e71b9123f1529d13b14308abec2888bbd2160d14545",
      28_547_497,
    ),
  ]))();

/** The chains that tests make: those of Core 29, then those of Core 31. */
export const regtestSnapshots: readonly AssumedUtxo[] = /* @__PURE__ */ (() =>
  Object.freeze([
    assumed(
      110,
      "696e92821f65549c7ee134edceeeeaaa4105647a3c4fd9f298c0aec0ab50425c",
      "6657b736d4fe4db0cbc796789e812d5dba7f5c143764b1b6905612f1830609d1",
      111,
    ),
    assumed(
      200,
      "5e93653318f294fb5aa339d00bbf8cf1c3515488ad99412c37608b139ea63b27",
      "4f34d431c3e482f6b0d67b64609ece3964dc8d7976d02ac68dd7c9c1421738f2",
      201,
    ),
    assumed(
      299,
      "3bb7ce5eba0be48939b7a521ac1ba9316afee2c7bada3a0cca24188e6d7d96c0",
      "a4bf3407ccb2cc0145c49ebba8fa91199f8a3903daf0883875941497d2493c27",
      334,
    ),
    assumed(
      110,
      "6affe030b7965ab538f820a56ef56c8149b7dc1d1c144af57113be080db7c397",
      "b952555c8ab81fec46f3d4253b7af256d766ceb39fb7752b9d18cdf4a0141327",
      111,
    ),
    assumed(
      200,
      "385901ccbd69dff6bbd00065d01fb8a9e464dede7cfe0372443884f9b1dcf6b9",
      "17dcc016d188d16068907cdeb38b75691a118d43053b8cd6a25969419381d13a",
      201,
    ),
    assumed(
      299,
      "7cc695046fec709f8c9394b6f928f81e81fd3ac20977bb68760fa1faa7916ea2",
      "d2b051ff5e8eef46520350776f4100dd710a63447a8e01d917e92e79751a63e2",
      334,
    ),
  ]))();

function assumed(
  height: number,
  hash: string,
  coinsHash: string,
  transactionCount: number,
): AssumedUtxo {
  return Object.freeze({ height, hash: hash as BlockHash, coinsHash, transactionCount });
}

import {
  type AncestorView,
  bytesToHex,
  type ChainParams,
  checkBlock,
  devnet,
  hexToBytes,
  mainnet,
  nextBits,
  regtest,
  signet,
  signetParams,
  targetToCompact,
  testnet4,
} from "@chain/core";
import { describe, expect, test } from "vitest";

const bitcoin: readonly ChainParams[] = [mainnet, testnet4, signet, regtest];

describe("networks of Bitcoin", () => {
  const root = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b";
  test.each([
    [mainnet, "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f", root],
    [
      testnet4,
      "00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043",
      "7aa0a7ae1e223414cb807e40cd57e667b718e42aaf9306db9102fe28912b7b4e",
    ],
    [signet, "00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6", root],
    [regtest, "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206", root],
  ])("$name begins with its genesis block", (params, hash, merkleRoot) => {
    const { genesis } = params;
    expect(genesis.hash).toBe(hash);
    expect(genesis.header.merkleRoot).toBe(merkleRoot);
    expect(genesis.header.bits).toBe(params.powLimitBits);
    expect(checkBlock(genesis, params)).toEqual({ ok: true });
  });

  test.each(bitcoin)("$name has a limit that agrees with its compact form", (params) => {
    expect(targetToCompact(params.powLimit)).toBe(params.powLimitBits);
  });

  // "Message start" as in protocol documents, and the prefixes that make addresses begin with 1, 3, m or n, 2.
  test.each([
    [mainnet, "f9beb4d9", 8333, 0x00, 0x05, 0x80, "bc"],
    [testnet4, "1c163f28", 48333, 0x6f, 0xc4, 0xef, "tb"],
    [signet, "0a03cf40", 38333, 0x6f, 0xc4, 0xef, "tb"],
    [regtest, "fabfb5da", 18444, 0x6f, 0xc4, 0xef, "bcrt"],
  ])("$name is known by magic, port and addresses", (params, magic, port, ...address) => {
    const { pubkeyHashPrefix, scriptHashPrefix, wifPrefix, bech32Hrp } = params;
    expect(bytesToHex(params.magic)).toBe(magic);
    expect(params.defaultPort).toBe(port);
    expect([pubkeyHashPrefix, scriptHashPrefix, wifPrefix, bech32Hrp]).toEqual(address);
  });

  // Core 31: what a chain must show, and whose scripts are assumed to be good.
  test.each([
    [
      mainnet,
      0x1128750f82f4c366153a3a030n,
      "00000000000000000000ccebd6d74d9194d8dcdc1d177c478e094bfad51ba5ac",
      8,
    ],
    [
      testnet4,
      0x9a0fe15d0177d086304n,
      "0000000002368b1e4ee27e2e85676ae6f9f9e69579b29093e9a82c170bf7cf8a",
      2,
    ],
    [signet, 0xb463ea0a4b8n, "00000008414aab61092ef93f1aacc54cf9e9f16af29ddad493b908a01ff5c329", 2],
    [regtest, 0n, undefined, 0],
  ])(
    "$name has a least work, a block that is assumed to be valid, and seeds",
    (params, ...known) => {
      const { minimumChainWork, assumeValid, dnsSeeds } = params;
      expect([minimumChainWork, assumeValid, dnsSeeds.length]).toEqual(known);
      // With its last dot a name is whole: nobody's search domain is tried.
      for (const seed of dnsSeeds) expect(seed).toMatch(/^[a-z0-9.]+\.$/);
    },
  );

  test.each([
    [mainnet, 0x0488b21e, 0x0488ade4],
    [testnet4, 0x043587cf, 0x04358394],
    [signet, 0x043587cf, 0x04358394],
    [regtest, 0x043587cf, 0x04358394],
    [devnet(regtest.genesis), 0x043587cf, 0x04358394],
  ])("$name has the version bytes of extended keys of BIP-0032", (params, ...prefixes) => {
    expect([params.bip32PublicPrefix, params.bip32PrivatePrefix]).toEqual(prefixes);
  });

  test("nobody shares name, magic or port", () => {
    const all = [...bitcoin, devnet(regtest.genesis)];
    for (const values of [
      all.map(({ name }) => name),
      all.map(({ magic }) => bytesToHex(magic)),
      all.map(({ defaultPort }) => String(defaultPort)),
    ]) {
      expect(new Set(values).size).toBe(all.length);
    }
  });

  test("only networks of the public have seeds, and none a list that grows old", () => {
    const all = [...bitcoin, devnet(regtest.genesis)];
    expect(all.filter(({ dnsSeeds }) => dnsSeeds.length > 0)).toEqual([mainnet, testnet4, signet]);
    expect(all.filter(({ fixedSeeds }) => fixedSeeds.length > 0)).toEqual([]);
  });

  test("local addresses are told on a network of one's own alone", () => {
    const all = [...bitcoin, devnet(regtest.genesis)];
    const local = all.filter(({ tellsLocalAddresses }) => tellsLocalAddresses);
    expect(local.map(({ name }) => name)).toEqual(["devnet"]);
  });

  test.each(bitcoin)("$name can't be changed", (params) => {
    expect(Object.isFrozen(params)).toBe(true);
    expect(Object.isFrozen(params.deployments)).toBe(true);
  });
});

describe("signets", () => {
  const challenge = hexToBytes("51");
  const own = signetParams(challenge);

  test("differ by challenge and magic alone", () => {
    const { magic, minimumChainWork, assumeValid, dnsSeeds, ...rest } = signetParams(
      signet.signetChallenge as Uint8Array,
    );
    expect(magic).toEqual(signet.magic);
    expect(signet).toMatchObject(rest);
    expect(own.genesis.hash).toBe(signet.genesis.hash);
    expect(own.magic).not.toEqual(signet.magic);
    // The constants of the public one say nothing of others, not even of one with the same challenge.
    expect([minimumChainWork, assumeValid, dnsSeeds]).toEqual([0n, undefined, []]);
  });

  test("the one that anybody can make blocks for has the magic of BIP-0325's rule", () => {
    // The first bytes of sha256d(01 51).
    expect(bytesToHex(own.magic)).toBe("54d26fbd");
  });

  // Bitcoin Knots: -signetblocktime. The period stays two weeks.
  test.each([
    [undefined, 2_016],
    [30, 40_320],
    [1, 1_209_600],
    [1_209_600, 1],
    [7, 172_800],
  ])("a block every %s seconds makes a period of %i blocks", (spacing, interval) => {
    const params = signetParams(challenge, spacing);
    const { targetSpacing, targetTimespan, ...rest } = params;
    expect([targetSpacing, targetTimespan]).toEqual([spacing ?? 600, 1_209_600]);
    expect(own).toMatchObject(rest); // magic included: it says nothing of the spacing
    const first = signet.genesis.header;
    const at = (height: number, time: number): AncestorView => ({
      ...first,
      hash: first.hash,
      height,
      time,
      medianTimePast: time,
      ancestor: (below) => at(below, first.time),
    });
    // Twice as fast as it should be: half the target with the first block of the next period, and not before.
    const end = at(interval - 1, first.time + 604_800);
    expect(nextBits(end, end.time, params)).toBe(targetToCompact(signet.powLimit / 2n));
    if (interval > 1) {
      expect(nextBits(at(interval - 2, end.time), end.time, params)).toBe(signet.powLimitBits);
    }
  });

  test.each([0, -1, 1.5, 1_209_601])("no block comes every %s seconds", (spacing) => {
    expect(() => signetParams(challenge, spacing)).toThrow(
      "blocks come every 1 to 1209600 seconds",
    );
  });

  test("don't change when the caller's bytes do", () => {
    const bytes = Uint8Array.from(challenge);
    const params = signetParams(bytes);
    bytes[0] = 0;
    expect(params.signetChallenge).toEqual(challenge);
  });
});

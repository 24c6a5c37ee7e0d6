/** The three bodies of signature checking, side by side. Run with `pnpm bench signatures`. */
import { hexToBytes, nobleVerifier, type SignatureVerifier } from "@chain/core";
import { Bench } from "tinybench";
import { loadNativeVerifier } from "../src/native.ts";
import { loadWasmVerifier } from "../src/wasm.ts";

// One key, one hash, both kinds of signature: as in BIP-0340's test vector 1.
const x = hexToBytes("dff1d77f2a671c5f36183726db2341be58feae1da2deced843240f7b502ba659");
const key = hexToBytes("02dff1d77f2a671c5f36183726db2341be58feae1da2deced843240f7b502ba659");
const hash = hexToBytes("243f6a8885a308d313198a2e03707344a4093822299f31d0082efa98ec4e6c89");
const ecdsa = hexToBytes(
  "b205a970e2fed06001bcd3864ce7a2c63291b531525d693dc2deeb92c91627de5c0cccd156282e5a477cd3541e210f4eb65eb3549b9f63725f92432f084dfed0",
);
const schnorr = hexToBytes(
  "6896bd60eeae296db48a229ff71dfe071bde413e6d43f917dc8dcf8c78de33418906d11ac976abccb20b091292bff4ea897efcb639ea871cfa95f6de339e4b0a",
);
const noTweak = new Uint8Array(32);

const checks: Readonly<Record<string, (verifier: SignatureVerifier) => boolean>> = {
  ecdsa: (verifier) => verifier.verifyEcdsa(ecdsa, hash, key),
  schnorr: (verifier) => verifier.verifySchnorr(schnorr, hash, x),
  tweak: (verifier) => verifier.checkTaprootTweak(x, 0, x, noTweak),
};

const bodies = [nobleVerifier, await loadWasmVerifier(), loadNativeVerifier()];
const bench = new Bench({ time: 1_000 });
for (const verifier of bodies) {
  for (const [name, check] of Object.entries(checks)) {
    bench.add(`${verifier.name} ${name}`, () => {
      if (!check(verifier)) throw new TypeError("a good signature was refused");
    });
  }
}
await bench.run();
console.table(
  bodies.map(({ name }) => {
    const row: Record<string, string> = { body: name };
    for (const check of Object.keys(checks)) {
      const result = bench.getTask(`${name} ${check}`)?.result;
      const rate = result !== undefined && "throughput" in result ? result.throughput.mean : 0;
      row[`${check}/s`] = Math.round(rate).toLocaleString("en");
    }
    return row;
  }),
);

import { describe, expect, test } from "vitest";
import { helpText } from "../src/define/help.ts";
import { METHODS } from "../src/methods/table.ts";
import { startHost } from "./support/host.ts";

describe("help", () => {
  test("lists the methods by category, without hidden ones", async () => {
    const { call } = await startHost();
    const text = await call<string>("help");
    expect(text).toMatch(/^== Blockchain ==\ndumptxoutset .*\ngetbestblockhash\n/);
    expect(text).toContain("\n\n== Control ==\n");
    expect(text).toContain('\ngetrpcinfo\nhelp ( "command" )\n');
    expect(text).toContain('\ngetblock "blockhash" ( verbosity )\n');
    expect(text).not.toContain("echo");
  });

  test("of a method has Core's layout", async () => {
    const { call } = await startHost();
    expect(await call("help", "getblockheader")).toBe(`getblockheader "blockhash" ( verbose )

Returns a block header.
If verbose is false, as hex. If verbose is true, as an object with what is known of the block.

Arguments:
1. blockhash    (string, required) The block hash
2. verbose      (boolean, optional, default=true) true for a json object, false for the hex-encoded data

Result (for verbose = true):
{                                 (json object)
  "hash" : "hex",                 (string) The block hash
  "confirmations" : n,            (numeric) The number of confirmations, or -1 if the block is not on the main chain
  "height" : n,                   (numeric) The block height or index
  "version" : n,                  (numeric) The block version
  "versionHex" : "hex",           (string) The block version in hexadecimal
  "merkleroot" : "hex",           (string) The merkle root
  "time" : xxx,                   (numeric) The block time in seconds since 1970
  "mediantime" : xxx,             (numeric) The median time of the last 11 blocks in seconds since 1970
  "nonce" : n,                    (numeric) The nonce
  "bits" : "hex",                 (string) The compact form of the target
  "target" : "hex",               (string) The difficulty target
  "difficulty" : n,               (numeric) The difficulty
  "chainwork" : "hex",            (string) Expected number of hashes to make the chain up to this block
  "nTx" : n,                      (numeric) The number of transactions in the block
  "previousblockhash" : "hex",    (string, optional) The hash of the previous block
  "nextblockhash" : "hex"         (string, optional) The hash of the next block of the main chain
}

Result (for verbose = false):
"hex"    (string) The serialized header

Examples:
> bitcoin-cli getblockheader "00000000c937983704a73af28acdec37b049d214adbda81d7e2a3dd146f6ed09"
> curl --user myusername --data-binary '{"jsonrpc": "2.0", "id": "curltest", "method": "getblockheader", "params": ["00000000c937983704a73af28acdec37b049d214adbda81d7e2a3dd146f6ed09"]}' -H 'content-type: application/json' http://127.0.0.1:8332/
`);
  });

  test("says which command it does not know", async () => {
    const { call } = await startHost();
    expect(await call("help", "nothing")).toBe("help: unknown command: nothing");
  });

  test.each(METHODS.map((method) => [method.name, method] as const))(
    "exists for %s",
    (_, method) => {
      const text = helpText(method);
      expect(text.split("\n")[0]).toMatch(new RegExp(`^${method.name}( |$)`));
      // It answers nothing but where it has gone to.
      if (method.name !== "generate") expect(text).toContain("\nResult");
    },
  );
});

/** Every command with missing, wrong or hostile arguments: one line that says what is wrong, and exit code 1. */

import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { COMMANDS, type ProgramIo } from "@chain/terminal";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../src/cli.ts";

let dataDir: string;
let own: string;

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

async function wallet(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  let out = "";
  let error = "";
  const io: ProgramIo = {
    write: async (text) => {
      out += text;
    },
    writeError: (text) => {
      error += text;
    },
    colour: false,
    onStop: () => () => {},
  };
  const code = await run(args, { NODE_ID: "3901", CHAIN_DATADIR: dataDir, ...env }, io);
  return { code, out, error };
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "chain-wallet-"));
  own = (await wallet(["createwallet"])).out.trim();
});
afterAll(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

/** A devnet address that belongs to nobody here. */
const OTHER = "CefjaH1kHz9NFmMUWFJfoFw5YCGkcdeTx4";

describe("a wrong command line", () => {
  const send = (...more: string[]) => ["send", "--from", "OWN", "--to", OTHER, ...more];
  const cases: readonly [args: readonly string[], says: RegExp][] = [
    [[], /which command/],
    [["fly"], /unknown command "fly": chain-wallet --help lists the commands/],
    [
      ["startnode"],
      /^error: startnode is a command of chain-node: chain-node startnode --help explains it\n$/,
    ],
    [["--fly"], /unknown option --fly/],
    [["createwallet", "now"], /too many arguments/],
    [["createwallet", "--port", "0"], /port from 1 to 65535/],
    [["createwallet", "--port", "65536"], /port from 1 to 65535/],
    [["createwallet", "--port", "../etc"], /port from 1 to 65535/],
    [["createwallet", "--port", "3e3"], /port from 1 to 65535/],
    [["createwallet", "--port", " 3000"], /port from 1 to 65535/],
    [["createwallet", "--datadir", ""], /must not be empty/],
    [["createwallet", "--network", "moon"], /devnet, regtest, mainnet, testnet4 or signet/],
    [["listaddresses", "--port", "3902"], /no wallet yet/],
    [["listaddresses", "--json", "--json=1"], /json/],
    [["getbalance"], /--address is missing: chain-wallet getbalance --address ADDRESS/],
    [["getbalance", "--address"], /--address needs a value: --address ADDRESS/],
    [["getbalance", "--address", ""], /no address given/],
    [["getbalance", "--address", "hello"], /does not contain "l"/],
    [["getbalance", "--address", `${OTHER.slice(0, -1)}5`], /mistyped/],
    [["getbalance", "--address", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"], /main network/],
    [["getbalance", "--address", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"], /main network/],
    [["getbalance", "--address", "z".repeat(100_000)], /too long/],
    [["getbalance", "-address", OTHER], /no chain yet/],
    // An address, though it begins like one in bech32; and the same mistyped.
    [["getbalance", "-address", "CdEV1yyyyyyyyyyyyyyyyyyyyyyyzm48hF"], /no chain yet/],
    [["getbalance", "-address", "CdEV1yyyyyyyyyyyyyyyyyyyyyyyzm48hG"], /mistyped/],
    [["send"], /--from, --to and --amount are missing: chain-wallet send --from ADDRESS --to /],
    [["send", "--from", "OWN"], /--to and --amount are missing/],
    [["send", "--from", "OWN", "--to", OTHER], /--amount is missing: /],
    [["send", "--from", OTHER, "--to", "OWN", "--amount", "1"], /not an address of this wallet/],
    [["send", "--from", "OWN", "--to", "x", "--amount", "1"], /--to/],
    [send("--amount", ""), /--amount/],
    [send("--amount", "0"), /--amount/],
    [send("--amount", "-1"), /--amount: .*negative|--amount: .*sign|--amount: .*above/],
    [send("--amount", "+1"), /sign/],
    [send("--amount", "1e3"), /exponent/],
    [send("--amount", "0x10"), /hexadecimal/],
    [send("--amount", "0.000000001"), /at most 8 decimals/],
    [send("--amount", "21000001"), /never more than/],
    [send("--amount", "9".repeat(100_000)), /never more than/],
    [send("--amount", "1,5"), /point/],
    [send("--amount", "NaN"), /--amount/],
    [send("--amount", "1 "), /--amount/],
    [send("--amount", "1", "--fee", "-1"), /--fee/],
    [send("--amount", "1", "--fee", "much"), /--fee/],
    [send("--amount", "1", "--change", "nobody"), /--change/],
    [send("--amount", "1", "--central", "localhost"), /--central/],
    [send("--amount", "1", "--central", "localhost:99999"), /--central/],
    [send("--amount", "1"), /no chain yet/],
    [["exportkey"], /--address is missing/],
    [["consolidate"], /--from is missing/],
    [["send", "--form", "OWN"], /unknown option --form: did you mean --from\?/],
    [["exportkey", "--address", OTHER], /not an address of this wallet/],
    [["exportkey", "--address", OTHER, "--address", OTHER], /--address is given more than once/],
    [["encryptwallet"], /CHAIN_NEW_PASSPHRASE/],
    [["createwallet", "--label", "x".repeat(201)], /200 characters at most/],
    [["createwallet", "--label", "a\nb"], /one line/],
    [["createwallet", "--label", "\u001b[31m"], /control characters/],
    [["createwallet", "--datadir", "/dev/null"], /not a directory; choose another with --datadir/],
    [["createwallet", "--datadir", "/dev/null/x"], /can't make the data directory/],
    [["createwallet", "--datadir", "/proc/x"], /can't make the data directory|not possible/],
    [send("--amount", "1", "--amount", "2"), /--amount is given more than once/],
    [send("-amount", "1", "-amount=2"), /--amount is given more than once/],
  ];

  it.each(cases.map(([args, says]) => [args.join(" ").slice(0, 90), args, says] as const))(
    "chain-wallet %s",
    async (_, args, says) => {
      const { code, out, error } = await wallet(args.map((arg) => (arg === "OWN" ? own : arg)));
      expect(out).toBe("");
      expect(error).toMatch(says);
      const asJson = error.startsWith("{");
      expect(error).toMatch(asJson ? /^[^\n]+\n$/ : /^error: [^\n]+\n$/);
      expect(code).toBe(1);
    },
  );

  it.each(cases.map(([args, says]) => [args.join(" ").slice(0, 90), args, says] as const))(
    "as JSON: chain-wallet %s",
    async (_, [command, ...rest], says) => {
      const asked = command === undefined ? ["--json"] : [command, "--json", ...rest];
      const { code, out, error } = await wallet(asked.map((arg) => (arg === "OWN" ? own : arg)));
      expect([code, out]).toEqual([1, ""]);
      expect(error).toMatch(/^[^\n]+\n$/);
      const failure = JSON.parse(error);
      expect(failure).toEqual({
        error: { code: expect.stringMatching(/^[a-z]+(-[a-z]+)*$/), message: expect.any(String) },
      });
      if (COMMANDS["chain-wallet"].includes(command ?? "")) {
        expect(failure.error.message).toMatch(new RegExp(says.source.replace(/^\^error: /, "^")));
      }
    },
  );

  it("has the commands that the node's program tells of", async () => {
    const { out } = await wallet(["--help"]);
    const commands = [...out.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
    expect(commands).toEqual([...COMMANDS["chain-wallet"], "completion", "help"]);
  });

  it.each(COMMANDS["chain-wallet"])("has the options of %s in order", async (command) => {
    const { out } = await wallet([command, "--help"]);
    const flags = [...out.matchAll(/^ {2}(?:-h, )?--([a-z-]+)/gm)].map(([, flag]) => flag);
    expect(flags.length).toBeGreaterThan(3);
    expect(flags).toEqual(flags.toSorted());
  });

  it("belongs to the network that CHAIN_NETWORK names", async () => {
    const CHAIN_NETWORK = "moon";
    const { code, error } = await wallet(["listaddresses"], { CHAIN_NETWORK });
    expect([code, error]).toEqual([1, expect.stringMatching(/^error: CHAIN_NETWORK must be/)]);
    const told = await wallet(["listaddresses", "--network", "devnet"], { CHAIN_NETWORK });
    expect(told.code).toBe(0);
  });

  it("takes no wrong NODE_ID either, and asks for one", async () => {
    const { error } = await wallet(["listaddresses"], { NODE_ID: "" });
    expect(error).toMatch(/^error: which node\? Set NODE_ID[^\n]+\n$/);
    for (const NODE_ID of ["abc", "../../x", "70000", "-1"]) {
      const { code, error } = await wallet(["listaddresses"], { NODE_ID });
      expect([code, error]).toEqual([1, expect.stringMatching(/^error: NODE_ID must be[^\n]+\n$/)]);
    }
  });
});

describe("keys", () => {
  it("prints the new address and nothing else, in a file that only its owner can read", async () => {
    const { code, out } = await wallet(["createwallet", "--label", "second"]);
    expect([code, out]).toEqual([0, expect.stringMatching(/^C[1-9A-HJ-NP-Za-km-z]{25,34}\n$/)]);
    const list = await wallet(["listaddresses"]);
    expect(list.out).toBe(`${own}\n${out}`);
    const json = JSON.parse((await wallet(["listaddresses", "--json"])).out);
    expect(json).toMatchObject([{ address: own, label: null }, { label: "second" }]);
    expect((await stat(join(dataDir, "wallet_3901.db"))).mode & 0o777).toBe(0o600);
  });

  it("encrypts them, and wants the passphrase for what needs the private ones", async () => {
    const id = { NODE_ID: "3903" };
    const address = (await wallet(["createwallet"], id)).out.trim();
    const before = await wallet(["exportkey", "--address", address], id);
    const json = await wallet(["exportkey", "--address", address, "--json"], id);
    expect(JSON.parse(json.out)).toEqual({ address, key: before.out.trim() });
    const set = await wallet(["encryptwallet"], { ...id, CHAIN_NEW_PASSPHRASE: "correct horse" });
    expect(set.code).toBe(0);
    expect((await wallet(["listaddresses"], id)).out).toBe(`${address}\n`);
    const locked = await wallet(["exportkey", "--address", address], id);
    expect([locked.code, locked.error]).toEqual([
      1,
      expect.stringMatching(/^error: .*CHAIN_PASSPHRASE[^\n]*\n$/),
    ]);
    const wrong = await wallet(["createwallet"], { ...id, CHAIN_PASSPHRASE: "battery staple" });
    expect([wrong.code, wrong.out]).toEqual([1, ""]);
    expect(wrong.error).toMatch(/^error: .*passphrase[^\n]*\n$/);
    const right = { ...id, CHAIN_PASSPHRASE: "correct horse" };
    expect(await wallet(["exportkey", "--address", address], right)).toEqual(before);
  });

  it("asks no passphrase for a key of a wallet that has none: it would protect nothing", async () => {
    const id = { NODE_ID: "3905" };
    await wallet(["createwallet"], id);
    const told = await wallet(["createwallet", "--encrypt"], { ...id, CHAIN_NEW_PASSPHRASE: "x" });
    expect([told.code, told.out]).toEqual([1, ""]);
    expect(told.error).toMatch(
      /exists and has no passphrase: chain-wallet encryptwallet [^\n]*\n$/,
    );
    expect((await wallet(["listaddresses"], id)).out.split("\n")).toHaveLength(2);
  });

  it("names a key file that is damaged", async () => {
    const path = join(dataDir, "wallet_3906.db");
    await writeFile(path, "no JSON", { mode: 0o600 });
    const { code, error } = await wallet(["listaddresses"], { NODE_ID: "3906" });
    expect(code).toBe(1);
    expect(error).toContain(`${path}: the key file is damaged`);
    expect(error).toContain("put a copy of it in its place");
  });

  it("still reads a wallet with the longest label there may be", async () => {
    const id = { NODE_ID: "3904" };
    const label = "한".repeat(200);
    const { out } = await wallet(["createwallet", "--label", label, "--json"], id);
    expect(JSON.parse(out)).toMatchObject({ label });
    const list = await wallet(["listaddresses", "--json"], id);
    expect(JSON.parse(list.out)).toMatchObject([{ label }]);
  });

  it("explains itself", async () => {
    const { code, out } = await wallet(["send", "--help"]);
    expect(code).toBe(0);
    expect(out).toContain("Examples:");
    expect((await wallet(["--version"])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

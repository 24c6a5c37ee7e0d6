import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { locate } from "../src/bitcoin/place.ts";
import { parseConfig, Settings, unknownSections } from "../src/bitcoin/settings.ts";

const KNOWN = {
  obeyed: new Set("addnode blocksonly connect mocktime port uacomment".split(" ")),
  ignored: new Set("dbcache keypool server".split(" ")),
};

function settings(argv: readonly string[], config = "", section = "regtest"): Settings {
  const made = new Settings(argv, KNOWN);
  made.addConfig(parseConfig(config));
  made.choose(section);
  return made;
}

test("a value of the command line counts more than the file, the last there and the first here", () => {
  expect(settings(["-port=1", "-port=2"], "[regtest]\nport=3").text("port")).toBe("2");
  expect(settings([], "[regtest]\nport=3\nport=4").text("port")).toBe("3");
});

test("the section of the network counts more than what stands before all sections", () => {
  const file = "uacomment=a\nmocktime=1\n[regtest]\nmocktime=2\nuacomment=b\n[main]\nmocktime=3";
  expect(settings([], file).text("mocktime")).toBe("2");
  expect(settings([], file, "main").text("mocktime")).toBe("3");
  expect(settings(["-uacomment=c"], file).list("uacomment")).toEqual(["c", "b", "a"]);
});

test("a port before all sections holds on mainnet alone", () => {
  expect(settings([], "port=3").text("port")).toBeUndefined();
  expect(settings([], "port=3", "main").text("port")).toBe("3");
  expect(settings([], "regtest.port=3").text("port")).toBe("3");
});

test("a setting that counts only in a section is misplaced before all sections, unless another place has it", () => {
  expect(settings([], "port=3\nconnect=0\nmocktime=1").misplaced()).toEqual(["connect", "port"]);
  expect(settings([], "port=3", "main").misplaced()).toEqual([]);
  expect(settings(["-port=1"], "port=3\nconnect=0\n[regtest]\nconnect=0").misplaced()).toEqual([]);
});

test("a file names no other place for itself, and the command line no further files", () => {
  expect(() => settings([], "conf=other")).toThrow(
    "conf cannot be set in the configuration file; use includeconf= if you want to include additional config files",
  );
  const known = { obeyed: new Set(["includeconf"]), ignored: new Set<string>() };
  expect(() => new Settings(["-includeconf=a"], known)).toThrow(
    'Error parsing command line arguments: -includeconf cannot be used from commandline; -includeconf="a"',
  );
  expect(new Settings(["-noincludeconf"], known).list("includeconf")).toEqual([]);
});

test("an option is negated in Core's ways", () => {
  expect(settings(["-noconnect"]).isNegated("connect")).toBe(true);
  expect(settings(["-noconnect=0"]).flag("connect", false)).toBe(true);
  expect(settings(["-blocksonly=0"]).flag("blocksonly", true)).toBe(false);
  expect(settings(["-blocksonly"]).flag("blocksonly", false)).toBe(true);
  expect(
    settings(["-addnode=a", "-noaddnode", "-addnode=b"], "[regtest]\naddnode=c").list("addnode"),
  ).toEqual(["b"]);
});

test("an option that nobody knows is an error on the command line, a warning in a file", () => {
  expect(() => new Settings(["-foo=1"], KNOWN)).toThrow(
    "Error parsing command line arguments: Invalid parameter -foo=1",
  );
  expect(settings([], "foo=1").warnings).toEqual(["Ignoring unknown configuration value foo"]);
});

test("options end where a word stands", () => {
  const made = settings(["-port=1", "help", "-port=2", "-foo"]);
  expect(made.words).toEqual(["help", "-port=2", "-foo"]);
  expect(made.text("port")).toBe("1");
  expect(settings(["-blocksonly", "-", "-foo"]).words).toEqual(["-", "-foo"]);
});

test("an option of Core that changes nothing is listed", () => {
  expect(settings(["-dbcache=4"], "keypool=1\nserver=1").ignored()).toEqual([
    "dbcache",
    "keypool",
    "server",
  ]);
});

describe("a line that is wrong is named as Core names it", () => {
  test.each([
    ["-a=1", "line 1: -a=1, options in configuration file must be specified without leading -"],
    ["\nnono", "line 2: nono, if you intended to specify a negated option, use nono=1 instead"],
    ["# c\n\nfoo # d", "line 3: foo"],
    ["rpcpassword=a#b", "line 1, using # in rpcpassword can be ambiguous and should be avoided"],
  ])("%j", (text, message) => {
    expect(() => parseConfig(text)).toThrow(`parse error on ${message}`);
  });
});

test("all that was given is listed, but no secrets", () => {
  const known = { obeyed: new Set(["addnode", "rpcuser", "rpcauth"]), ignored: new Set<string>() };
  const made = new Settings(["-addnode=a", "-noaddnode", "-rpcuser=me"], known);
  made.addConfig(parseConfig("rpcauth=x:y\n[regtest]\naddnode=b"));
  expect(made.listing()).toEqual([
    "Config file arg: rpcauth=****",
    'Config file arg: [regtest] addnode="b"',
    'Command-line arg: addnode="a"',
    "Command-line arg: addnode=false",
    "Command-line arg: rpcuser=****",
  ]);
});

test("a double negation is worth a warning", () => {
  expect(settings(["-noserver=0"]).warnings).toEqual([
    "parsed potentially confusing double-negative -server=0",
  ]);
});

test("a section of no network is found with its line", () => {
  const text = "testnot.datadir=1\n# a.b=c\nregtest.port=1\nport=1.5\n[testnet]\na.b=1\n[main]\n";
  expect(unknownSections(text)).toEqual([
    { name: "testnot", line: 1 },
    { name: "testnet", line: 5 },
  ]);
});

describe("files and networks", () => {
  const known = {
    obeyed: new Set(
      "chain conf datadir includeconf signet signetchallenge signetseednode".split(" "),
    ),
    ignored: new Set<string>(),
  };
  /** A run in a directory of its own, whose configuration is this. */
  const run = (config: string, ...argv: string[]) => {
    const directory = mkdtempSync(join(tmpdir(), "chain-settings-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    writeFileSync(join(directory, "bitcoin.conf"), config.replaceAll("DIR", directory));
    const made = new Settings([`-datadir=${directory}`, ...argv], known);
    return { directory, made, locate: () => locate(made) };
  };

  test("a directory in place of a file, and a file that is missing, are named as Core names them", () => {
    const included = run("includeconf=DIR");
    expect(included.locate).toThrow(
      `Error reading configuration file: Included config file "${included.directory}" is a directory.`,
    );
    const own = run("");
    const conf = new Settings([`-datadir=${own.directory}`, `-conf=${own.directory}`], known);
    expect(() => locate(conf)).toThrow(`Config file "${own.directory}" is a directory.`);
    expect(run("includeconf=none").locate).toThrow("Failed to include configuration file none");
    expect(run("conf=a").locate).toThrow(
      "conf cannot be set in the configuration file; use includeconf= if you want to include additional config files",
    );
  });

  test("a section of no network is worth a warning that says where it stands", () => {
    const { made, locate: find, directory } = run("[moon]\n");
    find();
    expect(made.warnings).toEqual([
      `${directory}/bitcoin.conf:1 Section [moon] is not recognized.`,
    ]);
  });

  test("a signet has the challenge and the seeds that are named", () => {
    const signet = (...argv: string[]) => run("", ...argv).locate().network;
    const publicSignet = signet("-signet");
    const own = signet("-signet", "-signetchallenge=51", "-signetseednode=seed.example");
    expect(own.custom).toMatchObject({ challenge: "51" });
    expect([own.chain, own.params.dnsSeeds]).toEqual(["signet", ["seed.example"]]);
    const { genesis } = own;
    if (genesis === undefined) expect.fail("no genesis block");
    expect(own.chainParams(genesis).dnsSeeds).toEqual(["seed.example"]);
    expect(publicSignet.params.dnsSeeds.length).toBeGreaterThan(0);
    expect(publicSignet.custom).toBeUndefined();
    // Elsewhere it says nothing.
    expect(signet("-signetchallenge=51").chain).toBe("main");
  });

  test.each([
    [["-signetchallenge=abc"], "-signetchallenge must be hex, not 'abc'."],
    [["-signetchallenge=51", "-signetchallenge=51"], "-signetchallenge cannot be multiple values."],
  ])("%j is refused in Core's words", (argv, message) => {
    expect(run("", "-signet", ...argv).locate).toThrow(message);
  });
});

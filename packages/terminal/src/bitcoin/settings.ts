/** Where options come from, and which of them counts. Core: common/args.cpp, common/config.cpp, common/settings.cpp. */
import { UserError } from "@chain/fullnode";
import { MAIN, PLACES } from "./networks.ts";

/** The options of a program, by name without the hyphen. */
export interface KnownOptions {
  /** Those that do something. */
  readonly obeyed: ReadonlySet<string>;
  /** Those of Bitcoin Core that change nothing here. */
  readonly ignored: ReadonlySet<string>;
}

/** Those that hold on another network than mainnet only in its own section. Core: NETWORK_ONLY. */
const NETWORK_ONLY: ReadonlySet<string> = new Set(
  "addnode connect port bind rpcport rpcbind wallet walletdir".split(" "),
);

/** Those that are not for a log. Core: SENSITIVE. */
const SECRET: ReadonlySet<string> = new Set("rpcauth rpcpassword rpcuser torpassword".split(" "));

/** A value as typed, or `false` of an option that was negated (`-nofoo`, `-foo=0` is a value). */
type Value = string | false;
type Values = Map<string, Value[]>;

/** One setting of a configuration file. */
interface ConfigLine {
  /** Name of its section; empty before the first. */
  readonly section: string;
  readonly name: string;
  readonly value: string;
}

/** Core: InterpretBool: empty is true, otherwise the number at the beginning of the text is not zero. */
function isTrue(text: string): boolean {
  return text === "" || Number.parseInt(text, 10) > 0 || Number.parseInt(text, 10) < 0;
}

/**
 * Settings of a configuration file, in order.
 * @throws UserError `usage` with Core's text of the line that is wrong.
 * @example parseConfig("server=1\n[regtest]\nrpcport=2")[1] // { section: "regtest", name: "rpcport", value: "2" }
 */
export function parseConfig(text: string): ConfigLine[] {
  const lines: ConfigLine[] = [];
  let section = "";
  for (const [index, raw] of text.split("\n").entries()) {
    const hash = raw.indexOf("#");
    const line = (hash < 0 ? raw : raw.slice(0, hash)).trim();
    if (line === "") continue;
    const fail = (why: string) => new UserError("usage", `parse error on line ${index + 1}${why}`);
    if (line.startsWith("[") && line.endsWith("]")) {
      section = line.slice(1, -1);
      continue;
    }
    if (line.startsWith("-")) {
      const advice = "options in configuration file must be specified without leading -";
      throw fail(`: ${line}, ${advice}`);
    }
    const equals = line.indexOf("=");
    if (equals < 0) {
      const isNegated = line.startsWith("no");
      const advice = `, if you intended to specify a negated option, use ${line}=1 instead`;
      throw fail(`: ${line}${isNegated ? advice : ""}`);
    }
    const full = line.slice(0, equals).trim();
    if (hash >= 0 && full.includes("rpcpassword")) {
      throw fail(", using # in rpcpassword can be ambiguous and should be avoided");
    }
    // `regtest.port=1` is the same as `port=1` in the section of regtest.
    const dot = full.indexOf(".");
    const place = dot < 0 || section !== "" ? section : full.slice(0, dot);
    const name = dot < 0 || section !== "" ? full : full.slice(dot + 1);
    lines.push({ section: place, name, value: line.slice(equals + 1).trim() });
  }
  return lines;
}

/** Sections of a configuration file that are of no network, with the number of the line that names each. */
export function unknownSections(
  text: string,
): readonly { readonly name: string; readonly line: number }[] {
  let isInSection = false;
  return text.split("\n").flatMap((raw, index) => {
    const [, header, prefix] = /^\s*(?:\[(.*)\]\s*$|([^=.#\s]*)\.[^=]*=)/.exec(raw) ?? [];
    const name = header ?? (isInSection ? undefined : prefix);
    if (header !== undefined) isInSection = true;
    const isKnown = name === undefined || Object.hasOwn(PLACES, name);
    return isKnown ? [] : [{ name, line: index + 1 }];
  });
}

/**
 * All settings of one run: those of the command line, and of configuration files that are added.
 * @example
 * const known = { obeyed: new Set(["regtest", "rpcport"]), ignored: new Set(["dbcache"]) };
 * const settings = new Settings(["-regtest", "-rpcport=1", "help"], known);
 * settings.text("rpcport") // "1"
 * settings.words // ["help"]
 */
export class Settings {
  /** The words behind the options of the command line. */
  readonly words: readonly string[];
  readonly #known: KnownOptions;
  readonly #commandLine: Values = new Map();
  readonly #sections = new Map<string, Values>();
  /** Section of the network that was chosen. */
  #section = MAIN;
  /** Warnings for the log, of settings that do nothing. */
  readonly warnings: string[] = [];

  /**
   * Takes the command line, up to the first word that is no option. Two hyphens are as good as one.
   * @throws UserError `usage` with Core's text.
   */
  constructor(argv: readonly string[], known: KnownOptions) {
    this.#known = known;
    const end = argv.findIndex((argument) => !argument.startsWith("-") || argument === "-");
    this.words = end < 0 ? [] : argv.slice(end);
    for (const argument of argv.slice(0, argv.length - this.words.length)) {
      const [, key = "", value = ""] = /^--?([^=]*)=?(.*)$/s.exec(argument) ?? [];
      const [name, meaning] = this.#interpret(ALIASES.get(key) ?? key, value);
      if (!this.#isKnown(name)) {
        const why = `Error parsing command line arguments: Invalid parameter ${argument}`;
        throw new UserError("usage", why);
      }
      add(this.#commandLine, name, meaning);
    }
    const [included] = this.list("includeconf");
    if (included !== undefined) {
      const why = `-includeconf cannot be used from commandline; -includeconf="${included}"`;
      throw new UserError("usage", `Error parsing command line arguments: ${why}`);
    }
  }

  /**
   * Takes the settings of a configuration file: what stands first counts.
   * @throws UserError `usage` with Core's text.
   */
  addConfig(lines: readonly ConfigLine[]): void {
    if (lines.some(({ name }) => name === "conf")) {
      const advice = "use includeconf= if you want to include additional config files";
      throw new UserError("usage", `conf cannot be set in the configuration file; ${advice}`);
    }
    for (const { section, name: key, value } of lines) {
      const [name, meaning] = this.#interpret(key, value);
      if (!this.#isKnown(name)) {
        this.warnings.push(
          `Ignoring unknown configuration value ${section && `${section}.`}${key}`,
        );
        continue;
      }
      const values = this.#sections.get(section) ?? new Map();
      add(values, name, meaning);
      this.#sections.set(section, values);
    }
  }

  /** From now on, the section of this network counts as well. */
  choose(section: string): void {
    this.#section = section;
  }

  has(name: string): boolean {
    return this.#sources(name).length > 0;
  }

  /** The value that counts; `undefined` where there is none, or it was negated. */
  text(name: string): string | undefined {
    const [first] = this.#sources(name);
    if (first === undefined) return undefined;
    const { values, isCommandLine } = first;
    const value = isCommandLine ? values.at(-1) : values[0];
    return value === false ? undefined : value;
  }

  /** Whether it was negated: `-noconnect`. */
  isNegated(name: string): boolean {
    return this.#sources(name)[0]?.values.at(-1) === false;
  }

  flag(name: string, byDefault: boolean): boolean {
    if (this.isNegated(name)) return false;
    const text = this.text(name);
    return text === undefined ? byDefault : isTrue(text);
  }

  /** All values, those of the command line first. A negation takes away what stands before it, and all of other places. */
  list(name: string): string[] {
    const all: string[] = [];
    for (const { values } of this.#sources(name)) {
      const negated = values.lastIndexOf(false);
      for (const value of values.slice(negated + 1)) if (value !== false) all.push(value);
      if (negated >= 0) break;
    }
    return all;
  }

  /**
   * Names of settings that count only in the section of the network that was chosen, and stand above all sections
   * alone. Core: GetUnsuitableSectionOnlyArgs, which makes them an error.
   */
  misplaced(): string[] {
    if (this.#section === MAIN) return [];
    const general = this.#sections.get("") ?? new Map();
    return [...NETWORK_ONLY].filter((name) => general.has(name) && !this.has(name)).sort();
  }

  /** Names that were given, and that change nothing here. */
  ignored(): string[] {
    const places = [this.#commandLine, ...this.#sections.values()];
    const names = new Set(places.flatMap((values) => [...values.keys()]));
    return [...names].filter((name) => this.#known.ignored.has(name)).sort();
  }

  /** All that was given, a line each, without what is secret. Core: LogArgs. */
  listing(): string[] {
    const linesOf = (prefix: string, values: Values) =>
      [...values].flatMap(([name, list]) =>
        list.map((value) => {
          const text = value === false ? "false" : JSON.stringify(value);
          return `${prefix}${name}=${SECRET.has(name) ? "****" : text}`;
        }),
      );
    const files = [...this.#sections].flatMap(([section, values]) =>
      linesOf(`Config file arg: ${section && `[${section}] `}`, values),
    );
    return [...files, ...linesOf("Command-line arg: ", this.#commandLine)];
  }

  #isKnown(name: string): boolean {
    return this.#known.obeyed.has(name) || this.#known.ignored.has(name);
  }

  /** `-nofoo` and `-nofoo=1` are false, `-nofoo=0` is true. Core: InterpretKey, InterpretValue. */
  #interpret(key: string, value: string): readonly [name: string, value: Value] {
    if (this.#isKnown(key) || !key.startsWith("no")) return [key, value];
    if (isTrue(value)) return [key.slice(2), false];
    const what = `parsed potentially confusing double-negative -${key.slice(2)}=${value}`;
    this.warnings.push(what);
    return [key.slice(2), "1"];
  }

  #sources(name: string): { readonly values: readonly Value[]; readonly isCommandLine: boolean }[] {
    const isGeneral = this.#section === MAIN || !NETWORK_ONLY.has(name);
    const found = [
      { values: this.#commandLine.get(name), isCommandLine: true },
      { values: this.#sections.get(this.#section)?.get(name), isCommandLine: false },
      { values: isGeneral ? this.#sections.get("")?.get(name) : undefined, isCommandLine: false },
    ];
    return found.flatMap(({ values, isCommandLine }) =>
      values === undefined ? [] : [{ values, isCommandLine }],
    );
  }
}

const ALIASES: ReadonlyMap<string, string> = new Map([
  ["h", "help"],
  ["?", "help"],
]);

function add(values: Values, name: string, value: Value): void {
  const list = values.get(name);
  if (list === undefined) values.set(name, [value]);
  else list.push(value);
}

/** Writes the types of the client, `src/client/methods.ts`: it has no part in what runs. */
import type { Argument } from "../define/argument.ts";
import type { Method, ResultCase } from "../define/method.ts";
import { shapeOf } from "../define/shape.ts";
import { RPC_INTERNAL_ERROR, RpcError } from "../errors.ts";
import { argumentType, typeText } from "./typeText.ts";

/** The words of which names of methods are made, for `getBlock` instead of `getblock`. */
const WORDS =
  `accounts as automine drop faucet increase interval mine rate reorg revert rollback settled snapshot spend
  abort activity added addr address addresses add all ancestors analyze balance ban banned best block blockchain blocks
  bytes by broadcast chain chains chaintx clear cluster coins combine connection converted convert count create data decode
  deployment derive descendants descriptor difficulty disconnect discover dump echo entry estimate fee filter finalize for from
  generate get hash hashps header height help history import in index info invalidate join json key list load log logging man
  median memory mempool message mining mock mode multisig net network new node notifications ns ntx of open orphan out ping peer
  precious prev prioritise prioritised priv process proof prune psbt psbts ps query queue raw reconsider rpc save scan scheduler script scripts
  send set sign since smart spending state states stats stop submit sync table tips time tip to totals transaction
  transactions tx txs txn txout undo unspent update uptime utxo validate validation verify wait wallet watch with interface active
  package payment echojson test accept template header outset zmq ipc msg abandon backup balances bump change dir display
  encrypt flag fund funded funds groupings hd keypool keys label labels lock many passphrase pruned received refill remove rescan
  restore simulate unload wallets descriptors`
    .split(/\s+/)
    .filter((word) => word !== "");

/** `getblockcount` → `getBlockCount`, `chain_mine` → `chainMine`. @throws RpcError -32603 for a name with a word that is not in the list */
function clientName(method: string): string {
  const parts = method.split("_").map(split);
  const words = parts.flatMap((part) => part ?? []);
  if (parts.includes(undefined))
    throw new RpcError(RPC_INTERNAL_ERROR, `add the words of ${method} to WORDS`);
  const [first = "", ...others] = words;
  return first + others.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("");
}

/** The longest words first, so that `blockchain` is one. */
function split(text: string): readonly string[] | undefined {
  if (text === "") return [];
  for (let length = text.length; length > 1; length--) {
    const word = text.slice(0, length);
    const rest = WORDS.includes(word) ? split(text.slice(length)) : undefined;
    if (rest !== undefined) return [word, ...rest];
  }
  return undefined;
}

/**
 * The file.
 * @example clientTypes(METHODS).includes("getBlockCount")
 */
export function clientTypes(methods: readonly Method[]): string {
  const shown = methods
    .filter(({ name, results }) => !name.includes(".") && results.length > 0)
    .map((method) => ({
      method,
      results: method.results.map((each, i) => resultType(method, each, i)),
    }));
  return [
    "/** Written by `npx pnpm@12 rpc` from the methods: don't edit it. Amounts are in coins, times in seconds since 1970. */\n",
    ...shown.flatMap(({ results }) => results.map(({ declaration }) => declaration)),
    "\n/** The answer of each method, in any of its cases. */\n",
    "export interface RpcResults {\n",
    ...shown.map(({ method: { name }, results }) => {
      const types = new Set(results.map(({ type }) => type));
      return `  readonly ${name}: ${[...types].join(" | ")};\n`;
    }),
    "}\n",
    "\n/** The methods of a node, with the types of what they take and answer. */\n",
    "export interface RpcMethods {\n",
    ...shown.map(({ method, results }) =>
      signatures(
        method,
        results.map(({ type }) => type),
      ),
    ),
    "}\n",
    "\n/** The methods by their names on the wire, with parameters by name: `call.getblock({ blockhash, verbosity: 2 })`. */\n",
    "export interface RpcNamedMethods {\n",
    ...shown.map(({ method, results }) =>
      namedSignatures(
        method,
        results.map(({ type }) => type),
      ),
    ),
    "}\n",
  ].join("");
}

/** The type of a result: by name, and declared, where it has fields. */
function resultType(
  method: Method,
  { schema }: ResultCase,
  index: number,
): { readonly type: string; readonly declaration: string } {
  const text = typeText(shapeOf(schema), 0, true);
  if (!text.includes("\n")) return { type: text, declaration: "" };
  const name = clientName(method.name);
  const number = method.results.length > 1 ? index : "";
  const type = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}Result${number}`;
  const declaration = text.startsWith("{")
    ? `\nexport interface ${type} ${text}\n`
    : `\nexport type ${type} = ${text};\n`;
  return { type, declaration };
}

function signatures(method: Method, types: readonly string[]): string {
  const all = method.arguments.filter(({ isHidden }) => !isHidden);
  const name = clientName(method.name);
  const comment = `  /** ${method.description.trim().replaceAll("\n", " ")} */\n`;
  const isDecided = method.results.some(({ given }) => given !== undefined);
  // The last one is of a caller that decides when it runs.
  const any: Variant = [parametersOf(all), [...new Set(types)].join(" | ")];
  const lines: readonly Variant[] = isDecided
    ? [
        ...method.results.map(
          (result, i): Variant => [variant(all, result), types[i] ?? "unknown"],
        ),
        any,
      ]
    : [any];
  const written = (as: string) =>
    lines
      .map(([parameters, type]) => `${comment}  ${as}(${parameters}): Promise<${type}>;\n`)
      .join("");
  const other = name.replace("Txout", "TxOut");
  return written(name) + (other === name ? "" : written(other));
}

/** Each case of the result is an overload, as for {@link signatures}. */
function namedSignatures(method: Method, types: readonly string[]): string {
  const all = method.arguments.filter(({ isHidden }) => !isHidden);
  const isDecided = method.results.some(({ given }) => given !== undefined);
  const any: Variant = [fieldsOf(all), [...new Set(types)].join(" | ")];
  const cases = isDecided
    ? method.results.map(({ given }, i): Variant => [fieldsOf(all, given), types[i] ?? "unknown"])
    : [];
  const comment = `  /** ${method.description.trim().replaceAll("\n", " ")} */\n`;
  return [...cases, any]
    .map(([fields, type]) => `${comment}  ${method.name}(${fields}): Promise<${type}>;\n`)
    .join("");
}

/** @param given the values on which the result depends */
function fieldsOf(all: readonly Argument[], given: ResultCase["given"] = {}): string {
  if (all.length === 0) return "params?: Readonly<Record<string, never>>";
  const fields = all.map((argument) => {
    const values = given[argument.name];
    const isFree =
      values === undefined
        ? !argument.isRequired
        : values.some((value) => value === argument.fallback);
    const type = values?.map((value) => JSON.stringify(value)).join(" | ");
    const text = `readonly ${argument.name}${isFree ? "?" : ""}: ${type ?? argumentType(argument)}`;
    return { isFree, text };
  });
  const mark = fields.every(({ isFree }) => isFree) ? "?" : "";
  return `params${mark}: { ${fields.map(({ text }) => text).join("; ")} }`;
}

type Variant = readonly [parameters: string, result: string];

/** A case that depends on arguments is an overload: with their values, and without those that have a default. */
function variant(all: readonly Argument[], { given = {} }: ResultCase): string {
  const isDefault = ({ name, fallback }: Argument) =>
    given[name]?.some((value) => value === fallback) ?? false;
  const mustBeThere = (argument: Argument) =>
    argument.isRequired || (given[argument.name] !== undefined && !isDefault(argument));
  const last = all.findLastIndex(mustBeThere);
  return all
    .map((argument, i) => {
      const values = given[argument.name]?.map((value) => JSON.stringify(value));
      // Nothing optional may stand before what is required: there `null` stands for the default.
      const canBeNull =
        values === undefined ? !argument.isRequired : isDefault(argument) && i < last;
      const type = `${values?.join(" | ") ?? argumentType(argument)}${canBeNull ? " | null" : ""}`;
      return `${parameterName(argument)}${i > last ? "?" : ""}: ${type}`;
    })
    .join(", ");
}

/** A word that TypeScript keeps for itself names no parameter; callers don't write it anyway. */
function parameterName({ name }: Argument): string {
  return name === "private" ? "isPrivate" : name;
}

function parametersOf(all: readonly Argument[]): string {
  return all
    .map((argument, i) => {
      // One that is required may follow: then `null` stands for its default.
      const isFree = !argument.isRequired && all.slice(i).every(({ isRequired }) => !isRequired);
      const wide = argument.isRequired ? "" : " | null";
      return `${parameterName(argument)}${isFree ? "?" : ""}: ${argumentType(argument)}${wide}`;
    })
    .join(", ");
}

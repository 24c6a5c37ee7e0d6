/**
 * The content of a key file, as JSON text. Public keys and payments are readable without a passphrase, so that addresses
 * and balances are; private keys stand in `secrets`, plain or sealed. Sealed keys are sealed together with the
 * public keys, so that no one without the passphrase can add one or swap it. A checksum over everything finds
 * accidents.
 */
import {
  type BlockHash,
  bytesToHex,
  CoreError,
  hexToBytes,
  parseId,
  sha256,
  Transaction,
} from "@chain/core";
import { utf8ToBytes } from "@noble/hashes/utils.js";
// The small entry of zod: the large one makes 450 kB of a bundle, as methods can't be left out.
import * as z from "zod/mini";
import {
  isScryptCost,
  NONCE_SIZE,
  SALT_SIZE,
  type ScryptCost,
  seal,
  unseal,
} from "./encryption.ts";
import { WalletError } from "./errors.ts";
import type { PendingTransaction } from "./pending.ts";

/** Longest name of a key, in characters. */
export const MAX_LABEL = 200;

const FORMAT = "chain-wallet";
const VERSION = 1;

function hex(minBytes: number, maxBytes: number = minBytes): z.ZodMiniString {
  return z
    .string()
    .check(z.regex(/^([0-9a-f]{2})*$/), z.minLength(2 * minBytes), z.maxLength(2 * maxBytes));
}

// Marked as pure, so that a bundle that reads no key file leaves them out.
const time = /* @__PURE__ */ (() => z.int().check(z.minimum(0)))();
const keySchema = /* @__PURE__ */ (() =>
  z.strictObject({
    publicKey: z.union([hex(33), hex(65)]),
    created: time,
    label: z.optional(z.string().check(z.maxLength(MAX_LABEL))),
    imported: z.optional(z.literal(true)),
  }))();
const plainSchema = /* @__PURE__ */ (() =>
  z.strictObject({ type: z.literal("plain"), keys: z.array(hex(32)) }))();
const sealedSchema = /* @__PURE__ */ (() =>
  z.strictObject({
    type: z.literal("scrypt-xchacha20poly1305"),
    cost: z.strictObject({ n: z.int(), r: z.int(), p: z.int() }).check(z.refine(isScryptCost)),
    salt: hex(SALT_SIZE),
    nonce: hex(NONCE_SIZE),
    ciphertext: hex(16, 2 ** 24),
  }))();
const pendingSchema = /* @__PURE__ */ (() =>
  z.strictObject({
    transaction: hex(10, 400_000),
    created: time,
    accepted: z.optional(z.literal(true)),
    onlyOwnNode: z.optional(z.literal(true)),
    settled: z.optional(z.strictObject({ height: z.int().check(z.minimum(0)), hash: hex(32) })),
  }))();
const bodySchema = /* @__PURE__ */ (() =>
  z.strictObject({
    format: z.literal(FORMAT),
    version: z.literal(VERSION),
    network: z.string().check(z.maxLength(50)),
    keys: z.array(keySchema),
    secrets: z.discriminatedUnion("type", [plainSchema, sealedSchema]),
    pending: z.array(pendingSchema),
  }))();
const fileSchema = /* @__PURE__ */ (() => z.extend(bodySchema, { checksum: hex(32) }))();

/** A public key of the wallet and what is remembered with it. */
export interface KeyEntry {
  /** Hex, 33 or 65 bytes. */
  readonly publicKey: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly label?: string | undefined;
  /** It was made elsewhere, so it may be older. */
  readonly imported?: true | undefined;
}

/** Private keys in the order of the public ones, hex. */
export interface PlainSecrets {
  readonly type: "plain";
  readonly keys: readonly string[];
}

/** Sealed private keys, with all that is needed to open them but the passphrase. Bytes are hex. */
export interface SealedSecrets {
  readonly type: "scrypt-xchacha20poly1305";
  readonly cost: ScryptCost;
  readonly salt: string;
  readonly nonce: string;
  readonly ciphertext: string;
}

/** A key file, decoded. The keys are in the order they were made. */
export interface KeyFile {
  readonly network: string;
  readonly keys: readonly KeyEntry[];
  readonly secrets: PlainSecrets | SealedSecrets;
  readonly pending: readonly PendingTransaction[];
}

/**
 * The text of a key file. Indented: a person may have to look at it.
 * @throws WalletError `unwritable` where `decodeKeyFile` would refuse it: keys that can't be read are lost.
 */
export function encodeKeyFile(file: KeyFile): string {
  const body = canonical(file);
  const { success, error } = bodySchema.safeParse(body);
  if (!success) {
    const place = error.issues[0]?.path.join(".") ?? "";
    const message = `the key file can't hold this (${place}); nothing was written`;
    throw new WalletError("unwritable", message);
  }
  return `${JSON.stringify({ ...body, checksum: checksumOf(body) }, null, 2)}\n`;
}

/**
 * The key file of a text. Anything may stand in it: what is not exactly as it was written is refused.
 * @throws WalletError `corrupt`, `newer-version`.
 */
export function decodeKeyFile(text: string): KeyFile {
  const parsed = fileSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    // Where, not what: the message may end up in a log, and the value may be a secret.
    const place = parsed.error.issues[0]?.path.join(".") ?? "";
    throw corrupt(place === "" ? "unexpected content" : `unexpected content at ${place}`);
  }
  const { checksum, ...body } = parsed.data;
  const { network, keys, secrets } = body;
  const file: KeyFile = { network, keys, secrets, pending: body.pending.map(decodePending) };
  if (checksumOf(canonical(file)) !== checksum) throw corrupt("the checksum does not match");
  if (secrets.type === "plain" && secrets.keys.length !== keys.length) {
    throw corrupt("public and private keys differ in number");
  }
  return file;
}

type Body = z.infer<typeof bodySchema>;

/** Fields in the order in which they are written and hashed. */
function canonical({ network, keys, secrets, pending }: KeyFile): Body {
  return {
    format: FORMAT,
    version: VERSION,
    network,
    keys: canonicalKeys(keys),
    secrets:
      secrets.type === "plain"
        ? { type: secrets.type, keys: [...secrets.keys] }
        : {
            type: secrets.type,
            cost: { n: secrets.cost.n, r: secrets.cost.r, p: secrets.cost.p },
            salt: secrets.salt,
            nonce: secrets.nonce,
            ciphertext: secrets.ciphertext,
          },
    pending: pending.map(({ transaction, created, accepted, onlyOwnNode, settled }) => ({
      transaction: bytesToHex(transaction.toBytes()),
      created,
      ...(accepted === true ? { accepted } : {}),
      ...(onlyOwnNode === true ? { onlyOwnNode } : {}),
      ...(settled === undefined ? {} : { settled: { height: settled.height, hash: settled.hash } }),
    })),
  };
}

function canonicalKeys(keys: readonly KeyEntry[]): Body["keys"] {
  return keys.map(({ publicKey, created, label, imported }) => ({
    publicKey,
    created,
    ...(label !== undefined && { label }),
    ...(imported === true && { imported }),
  }));
}

function checksumOf(body: Body): string {
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify(body))));
}

function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw corrupt("not JSON");
  }
  const head = z.object({ format: z.literal(FORMAT), version: z.int() }).safeParse(value);
  if (!head.success) throw corrupt("not a key file of this program");
  if (head.data.version > VERSION) {
    throw new WalletError(
      "newer-version",
      `the key file has version ${head.data.version}; this program knows up to ${VERSION}`,
    );
  }
  return value;
}

function decodePending(payment: Body["pending"][number]): PendingTransaction {
  try {
    const { created, accepted, onlyOwnNode, settled } = payment;
    const transaction = Transaction.fromHex(payment.transaction);
    const tip = settled && { ...settled, hash: parseId<BlockHash>(settled.hash) };
    return { transaction, created, accepted, onlyOwnNode, settled: tip };
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    throw corrupt("a payment in it does not decode", error);
  }
}

function corrupt(what: string, cause?: unknown): WalletError {
  return new WalletError("corrupt", `the key file is damaged or not a key file: ${what}`, {
    cause,
  });
}

/** The means to open and close a seal: the key that a passphrase gives, and how it was made. */
export interface Sealing {
  readonly key: Uint8Array;
  /** Hex. */
  readonly salt: string;
  readonly cost: ScryptCost;
}

/** The bytes that the seal covers beside the private keys. */
function contextOf(
  { network, keys }: Pick<KeyFile, "network" | "keys">,
  { salt, cost }: Pick<Sealing, "salt" | "cost">,
): Uint8Array {
  const fields = [FORMAT, VERSION, network, canonicalKeys(keys), cost.n, cost.r, cost.p, salt];
  return utf8ToBytes(JSON.stringify(fields));
}

/**
 * Seals private keys, in hex and in the order of the public ones.
 * @param nonce one that was never used with this key
 */
export function sealSecrets(
  privateKeys: readonly string[],
  sealing: Sealing,
  nonce: Uint8Array,
  content: Pick<KeyFile, "network" | "keys">,
): SealedSecrets {
  const { key, salt, cost } = sealing;
  const ciphertext = seal(
    key,
    nonce,
    hexToBytes(privateKeys.join("")),
    contextOf(content, sealing),
  );
  return {
    type: "scrypt-xchacha20poly1305",
    cost: { ...cost },
    salt,
    nonce: bytesToHex(nonce),
    ciphertext: bytesToHex(ciphertext),
  };
}

/** The private keys of a sealed file, in hex. @throws WalletError `wrong-passphrase`, `corrupt`. */
export function unsealSecrets(
  secrets: SealedSecrets,
  { key }: Pick<Sealing, "key">,
  content: Pick<KeyFile, "network" | "keys">,
): readonly string[] {
  const nonce = hexToBytes(secrets.nonce);
  const ciphertext = hexToBytes(secrets.ciphertext);
  const plaintext = unseal(key, nonce, ciphertext, contextOf(content, secrets));
  if (plaintext.length !== content.keys.length * 32) {
    throw corrupt("public and private keys differ in number");
  }
  return content.keys.map((_, i) => bytesToHex(plaintext.subarray(i * 32, i * 32 + 32)));
}

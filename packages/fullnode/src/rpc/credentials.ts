/** Basic authentication as Core has it: cookie, `-rpcuser`/`-rpcpassword` and `-rpcauth`. Core: httprpc.cpp. */

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { rm } from "node:fs/promises";
import { requireString } from "@chain/core/arguments";
import { UserError } from "../errors.ts";
import { readTextFile, writeSecret } from "../files.ts";

/** The user of the cookie. Core: COOKIEAUTH_USER. */
export const COOKIE_USER = "__cookie__";
/** The user of our own programs beside a running node, whose password is in its control file. No whitelist binds it. */
export const CONTROL_USER = "__control__";
/** Longer than any cookie file. Bytes. */
const MAX_COOKIE = 4096;

export interface RpcCredentials {
  /** Where `__cookie__:<hex>` is written for callers of this machine; without it, or empty, to no file. */
  readonly cookieFile?: string;
  /** Permissions of that file; 0600 by default. */
  readonly cookieMode?: number;
  /** `-rpcuser` and `-rpcpassword`. */
  readonly user?: string;
  readonly password?: string;
  /** `USER:SALT$HMAC`, with HMAC-SHA256 of the password under the salt, in hex. */
  readonly rpcauth?: readonly string[];
}

interface Entry {
  readonly user: string;
  readonly salt: string;
  readonly hash: string;
}

/**
 * The Basic credentials that a cookie stands for. The user name is Core's.
 * @example credentials("secret") // "Basic X19jb29raWVfXzpzZWNyZXQ="
 */
export function credentials(cookie: string): string {
  requireString(cookie, "cookie");

  return basic(COOKIE_USER, cookie);
}

/** The Basic credentials of our own programs. @param secret that of the control file */
export function controlCredentials(secret: string): string {
  return basic(CONTROL_USER, secret);
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

/** Knows who may call. A secret is kept as its salted hash. */
export class Authentication {
  /** The password of the user `__cookie__`, 64 hexadecimal digits. */
  readonly cookie: string = randomBytes(32).toString("hex");
  /** The password of the user `__control__`, of the same form. */
  readonly control: string = randomBytes(32).toString("hex");
  readonly #entries: Entry[];

  /** @throws UserError `usage` */
  constructor({ user = "", password = "", rpcauth = [] }: RpcCredentials) {
    this.#entries = [
      salted(COOKIE_USER, this.cookie),
      salted(CONTROL_USER, this.control),
      ...rpcauth.map(parseRpcAuth),
    ];
    if (password !== "") this.#entries.push(salted(user, password));
  }

  /**
   * The user whose credentials these are; `undefined` where they are wrong.
   * @param header of the request, `Basic …`
   */
  userOf(header: string): string | undefined {
    const given = /^Basic\s*([A-Za-z0-9+/]*={0,2})\s*$/.exec(header)?.[1];
    if (given === undefined || given.length % 4 !== 0) return undefined;
    const bytes = Buffer.from(given, "base64");
    const colon = bytes.indexOf(":");
    if (colon < 0) return undefined;
    const user = bytes.toString("utf8", 0, colon);
    const password = bytes.subarray(colon + 1);
    for (const entry of this.#entries) {
      if (!isSame(hmac(entry.salt, entry.user), hmac(entry.salt, user))) continue;
      if (isSame(hmac(entry.salt, password), entry.hash)) return user;
    }
    return undefined;
  }
}

function salted(user: string, password: string): Entry {
  const salt = randomBytes(16).toString("hex");
  return { user, salt, hash: hmac(salt, password) };
}

function parseRpcAuth(text: string): Entry {
  const [user = "", secret = "", ...more] = text.split(":");
  const [salt = "", hash = "", ...rest] = secret.split("$");
  if (more.length + rest.length > 0 || !text.includes(":") || !secret.includes("$")) {
    throw new UserError("usage", "Invalid -rpcauth argument: it has the form USER:SALT$HMAC");
  }
  return { user, salt, hash };
}

function hmac(salt: string, text: string | Uint8Array): string {
  return createHmac("sha256", salt).update(text).digest("hex");
}

function isSame(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Writes the file. @throws UserError `io` */
export function writeCookieFile(path: string, cookie: string, mode = 0o600): Promise<void> {
  return writeSecret(path, `${COOKIE_USER}:${cookie}`, { what: "the cookie file", mode });
}

/** Removes the file, unless another process has put its own there. */
export async function removeCookieFile(path: string, cookie: string): Promise<void> {
  const current = await readTextFile(path, MAX_COOKIE).catch(() => undefined);
  if (current === `${COOKIE_USER}:${cookie}`) await rm(path, { force: true });
}

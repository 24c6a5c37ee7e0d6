/** Errors of the system in words, with what to do about them: its own texts name calls that no user has made. */

import { dirname } from "node:path";
import { requireString } from "@chain/core/arguments";
import { messageOf, systemCode, UserError } from "./errors.ts";

/**
 * Why the system refuses a file or a directory; the message of any other error.
 * @param path the place that the user knows, where the call was about a file beside it
 */
export function systemReason(error: unknown, path: string): string {
  const place = dirname(path);
  switch (systemCode(error)) {
    case "ENOENT":
      return `there is no ${place}: make that directory first`;
    case "ENOTDIR":
      return `${place} is not a directory`;
    case "EISDIR":
      return `${path} is a directory`;
    case "EACCES":
    case "EPERM":
      return `this user may not write in ${place}: change its permissions, or choose another place`;
    case "EROFS":
      return `${place} is read-only: choose another place`;
    case "ENOSPC":
    case "EDQUOT":
      return "the disk is full: make room first";
    case "ENAMETOOLONG":
      return "the name is too long";
    case "EMFILE":
    case "ENFILE":
      return "too many files are open: raise the limit (ulimit -n)";
    default:
      return messageOf(error);
  }
}

/**
 * An error about a file that can't be written.
 * @param what its kind: "the genesis file"
 * @example cannotWrite("the cookie file", "/a/b", new Error("no room")).message // "can't write the cookie file /a/b: no room"
 */
export function cannotWrite(what: string, path: string, error: unknown): UserError {
  requireString(what, "what");
  requireString(path, "path");

  const message = `can't write ${what} ${path}: ${systemReason(error, path)}`;
  return new UserError("io", message, { cause: error });
}

/**
 * An error about a file that can't be read.
 * @param what its kind: "the genesis file"
 * @example cannotRead("the genesis file", "/a/b", new Error("no room")).message // "can't read the genesis file /a/b: no room"
 */
export function cannotRead(what: string, path: string, error: unknown): UserError {
  requireString(what, "what");
  requireString(path, "path");

  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "there is no such file",
    EACCES: "this user may not read it: change its permissions",
    EPERM: "this user may not read it: change its permissions",
    EISDIR: "it is a directory",
  };
  const why = reasons[systemCode(error) ?? ""] ?? systemReason(error, path);
  return new UserError("io", `can't read ${what} ${path}: ${why}`, { cause: error });
}

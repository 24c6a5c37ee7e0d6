/** The list of bans in a file, in the format of Core's `banlist.json`. */
import type { Milliseconds, Seconds } from "@chain/core";
import { type Ban, BanList, DEFAULT_BAN_TIME, type Log, parseSubnet } from "@chain/engine";
import * as z from "zod/mini";
import { messageOf, systemCode } from "../errors.ts";
import { keptAs, readTextFile, replaceFile } from "../files.ts";

/** Room for more bans than a list takes. Bytes. */
const MAX_SIZE = 4 * 1024 * 1024;

const schema = z.object({ banned_nets: z.array(z.unknown()) });
const banSchema = z.object({
  address: z.string().check(z.refine((text) => parseSubnet(text) !== undefined)),
  ban_created: z.number(),
  banned_until: z.number(),
});

/** Replaces the file, whole or not at all. */
function writeBansFile(path: string, bans: BanList, now: Milliseconds): Promise<void> {
  const banned_nets = bans.list(now).map(({ subnet, createdAt, until }) => ({
    version: 1,
    ban_created: createdAt,
    banned_until: until,
    address: subnet,
  }));
  return replaceFile(path, [`${JSON.stringify({ banned_nets }, null, 2)}\n`]);
}

/**
 * The bans in the file. Where there is none, one with an empty list is made, as Core does. Entries that can't be read,
 * or the whole file, are told in one line, and the file is kept under a second name, because the next ban overwrites it.
 * They don't stop the start.
 */
export async function readBansFile(
  path: string,
  log: Log,
  banTime: Seconds = DEFAULT_BAN_TIME,
): Promise<BanList> {
  const bans: Ban[] = [];
  let [bad, why] = [0, ""];
  try {
    for (const entry of schema.parse(JSON.parse(await readTextFile(path, MAX_SIZE))).banned_nets) {
      const { success, data } = banSchema.safeParse(entry);
      if (!success) bad++;
      else
        bans.push({ subnet: data.address, createdAt: data.ban_created, until: data.banned_until });
    }
    if (bad === 0) return new BanList(bans, banTime);
    why = `${bad} of its ${bad + bans.length} entries are no bans`;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return await newBansFile(path, log, banTime);
    const isText = error instanceof SyntaxError || error instanceof z.core.$ZodError;
    why = isText ? "it is no list of bans, so no host is banned" : messageOf(error);
  }
  log("warn", "net", `${path}: ${why}; ${await keptAs(path)}`);
  return new BanList(bans, banTime);
}

async function newBansFile(path: string, log: Log, banTime: Seconds): Promise<BanList> {
  log("debug", "net", `${path} is made, with no bans`, { event: "bans-created" });
  const bans = new BanList([], banTime);
  await keepBans(path, bans, 0, log);
  return bans;
}

/** Writes what has changed; that it could not is worth a line, and no reason to end. */
export async function keepBans(
  path: string,
  bans: BanList,
  now: Milliseconds,
  log: Log,
): Promise<void> {
  try {
    await writeBansFile(path, bans, now);
  } catch (error) {
    log("error", "net", `the bans are not kept: ${messageOf(error)}`);
  }
}

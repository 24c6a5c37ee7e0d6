/** The list of bans in a file, in the format of Core's `banlist.json`. */
import { BanList, type Log } from "@chain/engine";
import { z } from "zod";
import { messageOf, systemCode, UserError } from "../errors.ts";
import { readTextFile, replaceFile } from "../files.ts";

/** Room for more bans than a list takes. Bytes. */
const MAX_SIZE = 4 * 1024 * 1024;

const schema = z.object({
  banned_nets: z.array(
    z.object({ address: z.string(), ban_created: z.number(), banned_until: z.number() }),
  ),
});

/** Replaces the file, whole or not at all. */
function writeBansFile(path: string, bans: BanList, now: number): Promise<void> {
  const banned_nets = bans.list(now).map(({ subnet, createdAt, until }) => ({
    version: 1,
    ban_created: createdAt,
    banned_until: until,
    address: subnet,
  }));
  return replaceFile(path, [`${JSON.stringify({ banned_nets }, null, 2)}\n`]);
}

/**
 * What the file holds; an empty list where there is no file.
 * @throws UserError `damaged`: whoever was banned would get in, so that somebody has to look at it
 */
export async function readBansFile(path: string): Promise<BanList> {
  let text: string;
  try {
    text = await readTextFile(path, MAX_SIZE);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return new BanList();
    throw error;
  }
  try {
    const { banned_nets } = schema.parse(JSON.parse(text));
    return new BanList(
      banned_nets.map(({ address, ban_created, banned_until }) => ({
        subnet: address,
        createdAt: ban_created,
        until: banned_until,
      })),
    );
  } catch (error) {
    const message = `${path} is no list of bans: mend it or take it away`;
    throw new UserError("damaged", message, { cause: error });
  }
}

/** Writes what has changed; that it could not is worth a line, and no reason to end. */
export async function keepBans(path: string, bans: BanList, now: number, log: Log): Promise<void> {
  try {
    await writeBansFile(path, bans, now);
  } catch (error) {
    log("error", "net", `the bans are not kept: ${messageOf(error)}`);
  }
}

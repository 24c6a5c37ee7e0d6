/** The list of bans on disk, as Core writes it and as a disk or a person may have left it. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "@chain/testing/place";
import { expect, test } from "vitest";
import { keepBans, readBansFile } from "../src/node/bansFile.ts";

const NOW = 1_700_000_000_000;
const GOOD = {
  version: 1,
  address: "10.1.0.0/16",
  ban_created: 1_699_999_000,
  banned_until: 1_800_000_000,
};

async function read(text: string) {
  const path = join(await temporaryDirectory(), "banlist.json");
  await writeFile(path, text);
  const warnings: string[] = [];
  const bans = await readBansFile(
    path,
    (_level, _category, message) => void warnings.push(message),
  );
  return { bans: bans.list(NOW).map(({ subnet }) => subnet), warnings: warnings.join("\n"), path };
}

test("reads what it has written", async () => {
  const path = join(await temporaryDirectory(), "banlist.json");
  const bans = await readBansFile(path, () => {});
  bans.add("10.1.2.3/16", NOW);
  await keepBans(path, bans, NOW, () => {});
  expect((await read(await readFile(path, "utf8"))).bans).toEqual(["10.1.0.0/16"]);
});

test("makes the file where there is none, and says so once", async () => {
  const path = join(await temporaryDirectory(), "banlist.json");
  const events: unknown[] = [];
  for (const _ of [1, 2]) {
    await readBansFile(path, (_level, _category, _message, fields) => events.push(fields));
  }
  expect(events).toEqual([{ event: "bans-created" }]);
  expect(JSON.parse(await readFile(path, "utf8"))).toEqual({ banned_nets: [] });
});

test("a ban that names no time lasts as long as the operator says", async () => {
  const path = join(await temporaryDirectory(), "banlist.json");
  await writeFile(path, JSON.stringify({ banned_nets: [GOOD] }));
  const bans = await readBansFile(path, () => {}, 1_234);
  const onion = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion";
  expect(bans.add(onion, NOW)).toBe(onion);
  expect(bans.covers(onion, NOW)).toBe(true);
  expect(bans.list(NOW).map(({ subnet, createdAt, until }) => [subnet, until - createdAt])).toEqual(
    [
      [GOOD.address, GOOD.banned_until - GOOD.ban_created],
      [onion, 1_234],
    ],
  );
  expect(bans.remove(onion)).toBe(true);
});

test("keeps the good entries of a list, and a copy of it", async () => {
  const bad = [{ ...GOOD, address: "10.1.0.0/99" }, { ...GOOD, ban_created: "1" }, null];
  const { bans, warnings, path } = await read(JSON.stringify({ banned_nets: [...bad, GOOD] }));
  expect(bans).toEqual(["10.1.0.0/16"]);
  expect(warnings).toContain("3 of its 4 entries are no bans");
  expect(await readFile(`${path}.damaged-1`, "utf8")).toContain("10.1.0.0/99");
});

test.each(["", "no JSON", "[]", "{}", '{"banned_nets":1}'])(
  "starts without bans, and says so, where the file holds %j",
  async (text) => {
    const { bans, warnings } = await read(text);
    expect(bans).toEqual([]);
    expect(warnings).toContain("it is no list of bans, so no host is banned");
  },
);

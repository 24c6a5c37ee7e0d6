import { expect, test } from "vitest";
import { userAgent, versionForCallers } from "../src/version.ts";

test("callers are told Core's name before ours, of the version that is told", () => {
  const agent = userAgent(undefined, ["testnode0"]);
  const told = versionForCallers(agent, {});
  expect(told).toEqual({ version: 310_100, subversion: `/Satoshi:31.1.0${agent}` });
  expect(agent).toMatch(/^\/chain-node:\d+\.\d+\.\d+\(testnode0\)\/$/);
  expect(versionForCallers("/x:1/", { version: 290_304 }).subversion).toBe("/Satoshi:29.3.4/x:1/");
  expect(versionForCallers("/x:1/", { version: 1, subversion: "/y:2/" })).toEqual({
    version: 1,
    subversion: "/y:2/",
  });
});

test("a node that stands in for Core tells peers what it tells callers, in 256 bytes", () => {
  const agent = userAgent(undefined, ["foo"], 310_100);
  expect(agent).toMatch(/^\/Satoshi:31\.1\.0\/chain-node:\d+\.\d+\.\d+\(foo\)\/$/);
  expect(versionForCallers(agent, {}).subversion).toBe(agent);
  const room = 256 - userAgent(undefined, [""], 310_100).length;
  expect(userAgent(undefined, ["x".repeat(room)], 310_100)).toHaveLength(256);
  expect(() => userAgent(undefined, ["x".repeat(room + 1)], 310_100)).toThrow("257 bytes");
});

test("btcd's comparison of texts finds it newer than all that it knows", () => {
  const { subversion } = versionForCallers(userAgent(3001), {});
  // rpcclient: parseBitcoindVersion.
  const compared = subversion.replace(/^\/Satoshi:/, "").replace(/\/$/, "");
  for (const known of ["0.19.0", "22.0.0", "24.0.0", "25.0.0"]) {
    expect(compared > known, known).toBe(true);
  }
});

test.each([{ version: -1 }, { version: 1.5 }, { version: 1_000_000 }])("refuses %j", (told) => {
  expect(() => versionForCallers("/x:1/", told)).toThrow("does not have the form of 310100");
});

test.each(["", "x", "/x", "/💻/", "/a\n/", `/${"x".repeat(600)}/`])(
  "refuses the subversion %j",
  (subversion) => {
    expect(() => versionForCallers("/x:1/", { subversion })).toThrow("does not have the form of");
  },
);

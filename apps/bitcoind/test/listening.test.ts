import { Settings } from "@chain/terminal/bitcoin";
import { expect, test } from "vitest";
import { KNOWN } from "../src/known.ts";
import { listening } from "../src/listening.ts";

const of = (...argv: string[]) => listening(new Settings(argv, KNOWN), 7000);
const LOOPBACK = { host: "127.0.0.1", port: 7000 };

test("without an address a node listens on loopback, and on all addresses only if it is told to listen", () => {
  expect(of()).toEqual([LOOPBACK]);
  const all = [
    { host: "::", port: 7000, isOptional: true },
    { host: "0.0.0.0", port: 7000 },
    { host: "127.0.0.1", port: 7001, isOnion: true },
  ];
  expect(of("-listen")).toEqual(all);
  expect(of("-connect=0", "-listen=1")).toEqual(all);
});

test("a node that is told whom to call, or not to listen, takes no calls", () => {
  for (const option of [
    "-connect=0",
    "-noconnect",
    "-maxconnections=0",
    "-listen=0",
    "-nolisten",
  ]) {
    expect(of(option), option).toEqual([]);
  }
  expect(of("-connect=0", "-bind=127.0.0.1")).toEqual([LOOPBACK]);
  expect(() => of("-listen=0", "-bind=127.0.0.1")).toThrow(
    "Cannot set -bind or -whitebind together with -listen=0",
  );
});

test("each -bind and -whitebind counts, those for Tor last", () => {
  expect(
    of("-bind=127.0.0.1=onion", "-bind=127.0.0.2:5=onion", "-bind=[::1]:6", "-bind=127.0.0.1"),
  ).toEqual([
    { host: "::1", port: 6 },
    LOOPBACK,
    { host: "127.0.0.1", port: 7001, isOnion: true },
    { host: "127.0.0.2", port: 5, isOnion: true },
  ]);
  const permissions = (...argv: string[]) =>
    of(...argv).map((each) => [...(each.permissions ?? [])]);
  expect(permissions("-whitebind=noban@127.0.0.1:5")).toEqual([["noban", "download"]]);
  expect(permissions("-whitebind=127.0.0.1:5", "-bind=127.0.0.1", "-whitelistrelay=0")).toEqual([
    [],
    ["noban", "download", "mempool"],
  ]);
});

test.each([
  ["-bind=localhost", "Cannot resolve -bind address: 'localhost'"],
  ["-bind=127.0.0.1=tor", "Cannot resolve -bind address: '127.0.0.1=tor'"],
  ["-bind=127.0.0.1:99999", "Cannot resolve -bind address: '127.0.0.1:99999'"],
  ["-whitebind=noban@127.0.0.1", "Need to specify a port with -whitebind: '127.0.0.1'"],
  ["-whitebind=noban@a:1", "Cannot resolve -whitebind address: 'a:1'"],
  ["-whitebind=oopsie@127.0.0.1:1", "Invalid P2P permission: 'oopsie'"],
  ["-whitebind=in@127.0.0.1:1", "Only direction was set, no permissions: 'in@127.0.0.1:1'"],
  [
    "-whitebind=out,noban@127.0.0.1:1",
    'whitebind may only be used for incoming connections ("out" was passed)',
  ],
])("%s is refused in Core's words", (option, message) => {
  expect(() => of(option)).toThrow(message);
});

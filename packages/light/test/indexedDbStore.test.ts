/** Headers and state in IndexedDB, as a browser without a browser has it. */
import { bytesToHex, concatBytes, HEADER_SIZE, sha256 } from "@chain/core";
import { IDBFactory } from "fake-indexeddb";
import { expect, test } from "vitest";
import { IndexedDbLightStore } from "../src/indexedDbStore.ts";

/** So many headers, each of bytes of its own. */
function headers(count: number, first = 0): Uint8Array {
  const all = Array.from({ length: count }, (_, n) =>
    new Uint8Array(HEADER_SIZE).fill((first + n) % 251),
  );
  return concatBytes(...all);
}

/** Arrays of this length are slow to compare. */
const digest = (bytes: Uint8Array) => bytesToHex(sha256(bytes));

function newStore() {
  const indexedDB = new IDBFactory();
  const open = () => IndexedDbLightStore.open({ indexedDB, name: "x" });
  return { indexedDB, open };
}

test("what is written is there when it is opened again", async () => {
  const { open } = newStore();
  const store = await open();
  expect([await store.readHeaders(), await store.readState()]).toEqual([
    new Uint8Array(0),
    undefined,
  ]);
  await store.writeHeaders(0, headers(2_500));
  await store.writeHeaders(2_500, headers(1, 2_500));
  await store.writeState(Uint8Array.of(1, 2));
  await store.writeState(Uint8Array.of(3));
  store.close();
  const again = await open();
  expect(digest(await again.readHeaders())).toBe(digest(headers(2_501)));
  expect(await again.readState()).toEqual(Uint8Array.of(3));
});

test.each([0, 1, 999, 1_000, 1_001, 2_400])(
  "headers from %i on take the place of those there",
  async (index) => {
    const { open } = newStore();
    const store = await open();
    await store.writeHeaders(0, headers(2_500));
    await store.writeHeaders(index, headers(3, 77));
    const expected = concatBytes(headers(index), headers(3, 77));
    expect(digest(await store.readHeaders())).toBe(digest(expected));
    await store.writeHeaders(index + 3, headers(1_500, 5));
    expect(digest(await store.readHeaders())).toBe(
      digest(concatBytes(expected, headers(1_500, 5))),
    );
  },
);

test("a failure has a code, whatever the platform says", async () => {
  const { open, indexedDB } = newStore();
  const store = await open();
  store.close();
  await expect(store.readState()).rejects.toMatchObject({ code: "store-failed" });
  await expect(store.writeState(new Uint8Array(1))).rejects.toMatchObject({ code: "store-failed" });
  indexedDB.open("x", 2);
  await expect(open()).rejects.toMatchObject({ code: "store-failed" });
});

test("a database that is deleted elsewhere is let go", async () => {
  const { open, indexedDB } = newStore();
  const store = await open();
  await store.writeState(Uint8Array.of(1));
  const request = indexedDB.deleteDatabase("x");
  await new Promise((resolve) => {
    request.onsuccess = resolve;
  });
  await expect(store.readState()).rejects.toMatchObject({ code: "store-failed" });
  expect(await (await open()).readState()).toBeUndefined();
});

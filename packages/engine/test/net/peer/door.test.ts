import { expect, test } from "vitest";
import { permissionsAt } from "../../../src/net/peer/door.ts";
import type { Permission } from "../../../src/net/peer/permissions.ts";

test("a caller may do what its address and what its door let it do, in Core's order", () => {
  const ruled = new Set<Permission>(["addr", "relay"]);
  expect(permissionsAt({}, ruled)).toBe(ruled);
  const permissions = new Set<Permission>(["relay", "noban", "bloomfilter"]);
  expect([...permissionsAt({ permissions }, ruled)]).toEqual([
    "bloomfilter",
    "noban",
    "relay",
    "addr",
  ]);
});

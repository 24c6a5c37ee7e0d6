import { expect, test } from "vitest";
import { agreeUnderLoad } from "./support/explorerDoors.ts";

test("all doors agree over thousands of interleavings", async () => {
  expect(await agreeUnderLoad(400)).toBeGreaterThan(2_000);
});

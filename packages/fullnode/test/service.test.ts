import { expect, test } from "vitest";
import { Ending, Services } from "../src/node/service.ts";

test("services are stopped from the last to the first, and one that fails keeps no other from it", async () => {
  const seen: string[] = [];
  const services = new Services((level, _category, text) => void seen.push(`${level} ${text}`));
  const add = (name: string, stop = async () => void seen.push(name)) =>
    services.add({ stopping: `stopping ${name}`, stop });
  add("a");
  add("b", () => Promise.reject(new TypeError("it is stuck")));
  add("c");
  await services.stop();
  expect(seen).toEqual(["c", "error stopping b: it is stuck", "a"]);
  await services.stop();
  expect(seen).toHaveLength(3);
});

test("a node ends once, for the reason of the first that asked", async () => {
  let count = 0;
  const ending = new Ending(async () => void count++);
  const both = await Promise.all([ending.stop("the disk is full"), ending.stop()]);
  const result = { failed: true, why: "the disk is full" };
  expect([...both, await ending.stopped]).toEqual([result, result, result]);
  expect(count).toBe(1);
});

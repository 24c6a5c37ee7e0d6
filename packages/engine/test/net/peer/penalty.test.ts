import type { RefusalKind } from "@chain/core";
import { describe, expect, it } from "vitest";
import { blockPenalty, rejectCode } from "../../../src/net/peer/penalty.ts";

describe("penalties", () => {
  const kinds: readonly RefusalKind[] = [
    "consensus",
    "missing-inputs",
    "premature-spend",
    "conflict",
    "policy",
    "invalid-header",
    "mutated",
    "cached-invalid",
    "missing-parent",
    "invalid-parent",
    "time-future",
  ];
  it("are Core's: for blocks all but what our own clock may be to blame for", () => {
    const punished = (of: (kind: RefusalKind) => string) =>
      kinds.filter((kind) => of(kind) === "misbehaving");
    expect(punished((kind) => blockPenalty(kind, true))).toEqual([
      "consensus",
      "invalid-header",
      "mutated",
      "missing-parent",
      "invalid-parent",
    ]);
    expect(punished((kind) => blockPenalty(kind, false))).toEqual([
      "consensus",
      "invalid-header",
      "mutated",
      "cached-invalid",
      "missing-parent",
      "invalid-parent",
    ]);
  });

  it("come with the codes of BIP-0061", () => {
    const code = (kind: RefusalKind, reason = "x") => rejectCode({ ok: false, kind, reason });
    expect(code("consensus")).toBe(0x10);
    expect(code("conflict")).toBe(0x12);
    expect(code("policy")).toBe(0x40);
    expect(code("policy", "min relay fee not met")).toBe(0x42);
  });
});

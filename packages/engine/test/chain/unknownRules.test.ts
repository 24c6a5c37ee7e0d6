import { type BlockHash, type HeaderNode, regtest } from "@chain/core";
import { describe, expect, it } from "vitest";
import { UnknownRules } from "../../src/chain/unknownRules.ts";

/** Of regtest, as Core's: 144 blocks, of which 108 must signal. */
const [PERIOD, THRESHOLD] = [144, 108];
const NOW = 1_700_000_000;
const PLAIN = 0x2000_0000;

/** A chain whose versions can be chosen, at one median time. */
function chain(medianTimePast = NOW) {
  const nodes: HeaderNode[] = [];
  const mine = (count: number, version = PLAIN): HeaderNode => {
    for (let i = 0; i < count; i++) {
      const height = nodes.length;
      const ancestor = (at: number) => (at <= height ? nodes[at] : undefined);
      const hash = height.toString(16).padStart(64, "0") as BlockHash;
      const facts = { hash, height, version, medianTimePast, parent: nodes.at(-1), ancestor };
      nodes.push(facts as Partial<HeaderNode> as HeaderNode);
    }
    return nodes.at(-1) as HeaderNode;
  };
  return mine;
}

function watch(versionBits = regtest.versionBits) {
  const events: unknown[] = [];
  const lines: string[] = [];
  const rules = new UnknownRules({
    params: { versionBits },
    log: (level, _category, message) => void lines.push(`${level} ${message}`),
    emit: (event) => void events.push(event),
  });
  return { rules, events, lines };
}

const signal = (bit: number): number => (PLAIN | (1 << bit)) >>> 0;
const WARNING = "Unknown new rules activated (versionbit 27)";

describe("UnknownRules", () => {
  it("warns once, when a rule that enough blocks of one period signalled for has come into force", () => {
    const { rules, events, lines } = watch();
    const mine = chain();
    mine(PERIOD);
    // One too few, in a period.
    mine(THRESHOLD - 1, signal(27));
    rules.tipMoved(mine(PERIOD - THRESHOLD + 1));
    mine(THRESHOLD, signal(27));
    rules.tipMoved(mine(PERIOD - THRESHOLD)); // locked in from here
    rules.tipMoved(mine(PERIOD - 1));
    expect([events, rules.warnings]).toEqual([[], []]);
    rules.tipMoved(mine(1)); // active from the next block on
    rules.tipMoved(mine(1));
    expect(events).toEqual([{ type: "unknown-rules", bit: 27, warning: WARNING }]);
    expect(rules.warnings).toEqual([WARNING]);
    expect(lines).toEqual([`warn ${WARNING}`]);
  });

  it("sees at its first look all that has come into force before, whatever comes after", () => {
    const { rules } = watch();
    const mine = chain();
    mine(PERIOD);
    mine(PERIOD, signal(3) | signal(27));
    rules.tipMoved(mine(5 * PERIOD + 7));
    expect(rules.warnings).toEqual(
      [3, 27].map((bit) => `Unknown new rules activated (versionbit ${bit})`),
    );
  });

  it.each([
    ["bits that are known here", watch(), chain(), signal(28)],
    ["versions of another form", watch(), chain(), 0x6000_0000 | (1 << 27)],
    ["history, before Taproot", watch(), chain(1_600_000_000), signal(27)],
    ["networks without signals", watch([]), chain(), signal(27)],
  ])("does not warn of %s", (_, { rules, events }, mine, version) => {
    mine(PERIOD);
    mine(PERIOD, version);
    rules.tipMoved(mine(2 * PERIOD));
    expect(events).toEqual([]);
  });

  it("does not count the first period, in which nobody can have been asked yet", () => {
    const { rules } = watch();
    const mine = chain();
    mine(PERIOD, signal(27));
    rules.tipMoved(mine(3 * PERIOD));
    expect(rules.warnings).toEqual([]);
  });
});

import { expect, test } from "vitest";
import { feeRateText, moneyText } from "../src/moneyText.ts";

/** Core: the unit tests util_FormatMoney and amount_tests. */
test.each([
  [0n, "0.00"],
  [1n, "0.00000001"],
  [10n, "0.0000001"],
  [1_000_000n, "0.01"],
  [10_000_000n, "0.10"],
  [50_000_000n, "0.50"],
  [100_000_000n, "1.00"],
  [1_234_567_890_123n, "12345.67890123"],
  [-100_000_000n, "-1.00"],
  [-1n, "-0.00000001"],
])("%i base units are %s", (amount, text) => {
  expect(moneyText(amount)).toBe(text);
});

test("a rate has all its decimals", () => {
  expect(feeRateText(1n)).toBe("0.00000001 BTC/kvB");
  expect(feeRateText(100_000_000n)).toBe("1.00000000 BTC/kvB");
});

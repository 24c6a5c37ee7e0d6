// node report.mjs TITLE SECONDS STATUS FILE: sums up vitest's JSON report of a step that ended with this status. First
// line: passed and failed test cases. Then one line for each failure, which names step, file and test. A run that fails
// without a failed case (a file that does not load, an error outside of a test, no report at all) is one failure.
import { readFileSync } from "node:fs";
import { relative } from "node:path";

const [title, seconds, status, file] = process.argv.slice(2);
const { numPassedTests = 0, testResults = [] } = readReport();

const failures = [];
for (const { name, status: result, message = "", assertionResults } of testResults) {
  const path = relative(process.cwd(), name);
  const failed = assertionResults.filter((test) => test.status === "failed");
  for (const { fullName } of failed) failures.push(`${path}: ${fullName}`);
  if (result === "failed" && failed.length === 0) {
    failures.push(`${path}: ${message.split("\n")[0] || "does not load"}`);
  }
}
if (failures.length === 0 && (status !== "0" || numPassedTests === 0)) failures.push(whyNot());

/** Half a report is none: the run was ended while it was written. */
function readReport() {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return {};
  }
}

function whyNot() {
  // timeout(1) ends with these codes: of itself, or by the signal that follows.
  if (status === "124" || status === "137") return `not done after ${seconds} s`;
  if (testResults.length === 0) return `no report (exit status ${status})`;
  if (status === "0") return "no test has passed";
  return `an error outside of the tests (exit status ${status}), see above`;
}

const lines = failures.map((failure) => `${title}: ${failure.replaceAll(/\s+/g, " ")}`);
process.stdout.write(`${[`${numPassedTests} ${failures.length}`, ...lines].join("\n")}\n`);

/** Publishes the packages whose version the registry lacks. Refuses while something would be wrong for those who install. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The obstacles to a release, a line each. */
function obstacles(): string[] {
  const found: string[] = [];
  const { repository } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8"));
  // RFC 2606 keeps this domain for examples: nobody has said yet where the repository will be.
  if (new URL(repository.url).hostname.endsWith(".example")) {
    found.push(
      "package.json names no real repository: set `repository.url` there and in each package",
    );
  }
  const changed = execFileSync("git", ["status", "--porcelain"], { cwd: ROOT, encoding: "utf8" });
  if (changed !== "") found.push("there are changes that are not committed");
  return found;
}

const found = obstacles();
for (const obstacle of found) console.error(`error: ${obstacle}`);
if (found.length > 0) process.exitCode = 1;
else execFileSync("changeset", ["publish"], { cwd: ROOT, stdio: "inherit" });

/** A shell that completes with a script of one of the programs. */
import { execFileSync, spawnSync } from "node:child_process";

export type Shell = "bash" | "zsh" | "fish";

/** Whether this machine has the shell. */
export function hasShell(shell: Shell): boolean {
  return spawnSync(shell, ["-c", "true"]).status === 0;
}

/**
 * The words that a shell offers after these, of which the last one is being typed.
 * @example complete("bash", script, ["chain-node", "st"]) // ["startnode", "status", "stop"]
 */
export function complete(shell: Shell, script: string, words: readonly string[]): string[] {
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const name = `_${(words[0] ?? "").replace("-", "_")}`;
  const programs: Readonly<Record<Shell, string>> = {
    bash: `${script}
COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}
${name}; printf '%s\\n' "\${COMPREPLY[@]}"`,
    // The builtin functions of its completion need a terminal: these say what they are handed.
    zsh: `compdef() { : }
compset() { PREFIX=\${PREFIX#*=} }
compadd() { shift; offer $@ }
_files() { for f in $PREFIX*; do offer $f; done }
_describe() { for entry in \${(P)@[-1]}; do offer \${entry%%:*}; done }
offer() { for w in $@; do [[ $w == $PREFIX* ]] && print -r -- $w; done; true }
${script}
words=(${quoted}); CURRENT=${words.length}; PREFIX=\${words[-1]}
${name}`,
    fish: `${script}
complete -C '${words.join(" ")}'`,
  };
  const options = {
    encoding: "utf8" as const,
    env: { ...process.env, XDG_CONFIG_HOME: "/nowhere" },
  };
  const args = shell === "bash" ? ["--norc"] : shell === "zsh" ? ["-f"] : [];
  const out = execFileSync(shell, [...args, "-c", programs[shell]], options);
  // fish adds what a word means.
  return [...new Set(out.split("\n").map((line) => line.split("\t")[0] ?? ""))].filter(Boolean);
}

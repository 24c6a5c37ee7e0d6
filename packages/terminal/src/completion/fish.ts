import { brief, type CompletedCommand, quoted, type Wanted } from "./words.ts";

/** The completion of a program for fish. */
export function fishScript(program: string, commands: readonly CompletedCommand[]): string {
  const complete = `complete -c ${program}`;
  const names = commands.map((command) => command.name);
  const first = `-n ${quoted(`not __fish_seen_subcommand_from ${names.join(" ")}`)}`;
  const lines = [
    `# ${program}: completion for fish. Write it to a file once:`,
    `#   ${program} completion fish > ~/.config/fish/completions/${program}.fish`,
    `${complete} -f`,
    `${complete} ${first} -l help -d 'explain the program'`,
    `${complete} ${first} -l version -d 'print the version'`,
  ];
  for (const { name, help } of commands) {
    lines.push(`${complete} ${first} -a ${name} -d ${described(help)}`);
  }
  for (const { name, options, argument } of commands) {
    const here = `${complete} -n ${quoted(`__fish_seen_subcommand_from ${name}`)}`;
    if (argument?.type === "choices") lines.push(`${here} ${fill(argument)}`);
    for (const { flag, help, wanted } of options) {
      const value = wanted === undefined ? "" : ` ${fill(wanted)}`;
      lines.push(`${here} -l ${flag.slice(2)}${value} -d ${described(help)}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** fish escapes with a backslash inside single quotes. */
function described(help: string): string {
  return `'${brief(help).replace(/['\\]/g, "\\$&")}'`;
}

function fill(wanted: Wanted): string {
  switch (wanted.type) {
    case "choices":
      return `-x -a ${quoted(wanted.choices.join(" "))}`;
    case "file":
      return "-r -F";
    case "directory":
      return "-x -a '(__fish_complete_directories)'";
    case "address":
      return "-x -a '(chain-wallet listaddresses 2>/dev/null)'";
    case "any":
      return "-x";
    default:
      return wanted satisfies never;
  }
}

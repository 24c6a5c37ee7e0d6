import {
  brief,
  type CompletedCommand,
  functionName,
  optionValues,
  quoted,
  type Wanted,
} from "./words.ts";

/** The completion of a program for zsh. */
export function zshScript(program: string, commands: readonly CompletedCommand[]): string {
  const name = functionName(program);
  const described = (word: string, help: string) => quoted(`${word}:${brief(help)}`);
  const values = optionValues(commands).map(
    ({ keys, wanted }) => `    (${keys.map(quoted).join("|")}) ${fill(wanted)}; return ;;`,
  );
  const options = commands.map(({ name: command, options, argument }) => {
    const choices =
      argument?.type === "choices" ? `compadd -- ${argument.choices.map(quoted).join(" ")}; ` : "";
    const list = options.map(({ flag, help }) => described(flag, help)).join(" ");
    return `    (${command}) ${choices}list=(${list}) ;;`;
  });
  const all = commands.map(({ name: command, help }) => described(command, help)).join(" ");
  return `#compdef ${program}
# ${program}: completion for zsh. Add this line to ~/.zshrc, below compinit:
#   source <(${program} completion zsh)
${name}() {
  local command= option=\${words[CURRENT-1]} i
  local -a list place
  if [[ $PREFIX == --*=* ]]; then
    option=\${PREFIX%%=*}
    compset -P '*='
  fi
  for ((i = 2; i < CURRENT; i++)); do
    case \${words[i]} in
      (${commands.map((command) => command.name).join("|")}) [[ -n $command ]] || command=\${words[i]} ;;
      (--port|--datadir|--network) place+=(\${words[i]} \${words[i+1]}) ;;
      (--port=*|--datadir=*|--network=*) place+=(\${words[i]}) ;;
    esac
  done
  case "$command $option" in
${values.join("\n")}
  esac
  case $command in
    ('') list=(${all})
      _describe command list; list=('--help:explain the program' '--version:print the version') ;;
${options.join("\n")}
  esac
  _describe -o option list
}
compdef ${name} ${program}
`;
}

function fill(wanted: Wanted): string {
  switch (wanted.type) {
    case "choices":
      return `compadd -- ${wanted.choices.map(quoted).join(" ")}`;
    case "file":
      return "_files";
    case "directory":
      return "_files -/";
    case "address":
      return "compadd -- $(chain-wallet listaddresses $place 2>/dev/null)";
    case "any":
      return ":";
    default:
      return wanted satisfies never;
  }
}

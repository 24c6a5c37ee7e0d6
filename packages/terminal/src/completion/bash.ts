import { type CompletedCommand, functionName, optionValues, quoted, type Wanted } from "./words.ts";

/** The completion of a program for bash, from 3.2 on. */
export function bashScript(program: string, commands: readonly CompletedCommand[]): string {
  const name = functionName(program);
  const words = (list: readonly string[]) => quoted(list.join(" "));
  const values = optionValues(commands).map(
    ({ keys, wanted }) =>
      `    ${keys.map((key) => `${quoted(key)}`).join(" | ")})\n      ${fill(wanted)}\n      return ;;`,
  );
  const options = commands.map(({ name: command, options, argument }) => {
    const list = options.map(({ flag }) => flag);
    const choices = argument?.type === "choices" ? argument.choices : [];
    return `    ${command}) list=${words([...choices, ...list])} ;;`;
  });
  const names = commands.map((command) => command.name);
  return `# ${program}: completion for bash. Add this line to ~/.bashrc:
#   source <(${program} completion bash)
${name}() {
  local word=\${COMP_WORDS[COMP_CWORD]} option=\${COMP_WORDS[COMP_CWORD-1]} command= list= i next
  local place=() IFS=$' \\t\\n'
  COMPREPLY=()
  # bash takes --option=value for three words.
  if [[ $word == = ]]; then
    word=
  elif [[ $option == = ]]; then
    option=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${names.join(" | ")}) [[ $command ]] || command=\${COMP_WORDS[i]} ;;
      --port | --datadir | --network)
        next=\${COMP_WORDS[i+1]}
        [[ $next == = ]] && next=\${COMP_WORDS[i+2]}
        place+=("\${COMP_WORDS[i]}" "$next") ;;
    esac
  done
  case "$command $option" in
${values.join("\n")}
  esac
  case $command in
    '') list=${words([...names, "--help", "--version"])} ;;
${options.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$list" -- "$word"))
}
complete -F ${name} ${program}
`;
}

/** Statements that put into the reply what may stand in the place of a value. */
function fill(wanted: Wanted): string {
  switch (wanted.type) {
    case "choices":
      return `COMPREPLY=($(compgen -W ${quoted(wanted.choices.join(" "))} -- "$word"))`;
    case "file":
    case "directory":
      return `IFS=$'\\n'; compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -${wanted.type === "file" ? "f" : "d"} -- "$word"))`;
    case "address":
      return `COMPREPLY=($(compgen -W "$(chain-wallet listaddresses "\${place[@]}" 2>/dev/null)" -- "$word"))`;
    case "any":
      return ":";
    default:
      return wanted satisfies never;
  }
}

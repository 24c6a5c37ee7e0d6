import { defineMethod, type Method } from "../../define/method.ts";
import { anything } from "../../define/result.ts";
import { any } from "../../define/types.ts";
import { RPC_MISC_ERROR, RpcError } from "../../errors.ts";

const argument = <const Name extends string>(name: Name) => any(name, { text: "", optional: true });

/** `bitcoin-cli` reads the arguments of `echojson` as JSON, and those of `echo` as texts; here both are one. */
export function echoMethod(name: "echo" | "echojson"): Method {
  return defineMethod({
    name,
    category: "hidden",
    description: "Simply echo back the input arguments. This command is for testing.",
    arguments: [
      argument("arg0"),
      argument("arg1"),
      argument("arg2"),
      argument("arg3"),
      argument("arg4"),
      argument("arg5"),
      argument("arg6"),
      argument("arg7"),
      argument("arg8"),
      argument("arg9"),
    ],
    results: [{ schema: anything("The arguments, as they came") }],
    examples: [[], ["hello", 1]],
    run: ({ arg9 }, _, { given }) => {
      if (arg9 === "trigger_internal_bug") {
        const broken = 'request.params[9].get_str() != "trigger_internal_bug"';
        throw new RpcError(RPC_MISC_ERROR, `Internal bug detected: ${broken}`);
      }
      return given;
    },
  });
}

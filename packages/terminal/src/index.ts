/**
 * Parts that the command line programs of a node share.
 * @module @chain/terminal
 */
export { normaliseArguments } from "./arguments.ts";
export { withChoices } from "./choices.ts";
export { COMMANDS } from "./commands.ts";
export { addCompletion } from "./completion/completion.ts";
export type { Context } from "./context.ts";
export { createContext } from "./context.ts";
export { formatDuration, formatJson, formatTable } from "./format.ts";
export type { ProgramIo } from "./io.ts";
export { OutputClosed, processIo } from "./io.ts";
export { parseWhole } from "./numbers.ts";
export type { OptionRow, Typed } from "./optionTable.ts";
export { flagOf, helpOf, typedOf, withOptions } from "./optionTable.ts";
export type { IdentityFlags } from "./program.ts";
export { createProgram, runProgram, withExamples, withIdentity } from "./program.ts";

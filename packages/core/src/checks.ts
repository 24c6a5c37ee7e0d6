/**
 * Checks of arguments, for packages on top of this one: the entry `@chain/core/arguments`.
 * @module @chain/core/arguments
 */
export * from "./arguments.ts";
export * from "./shapes.ts";

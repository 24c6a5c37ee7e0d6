/** Tools that the parser of descriptors reads text with. Core: script/parsing.cpp. */

import { ChainError } from "@chain/core";
import { present } from "@chain/core/arguments";

/** Thrown inside the parser, and caught by it: a descriptor that is wrong, in Core's words. */
export class DescriptorProblem extends ChainError<"invalid-descriptor"> {
  override readonly name = "DescriptorProblem";
}

/** Fails with this reason. */
export function fail(reason: string): never {
  throw new DescriptorProblem("invalid-descriptor", reason);
}

/** Runs a part of the parser, and puts this before the reason of its failure. */
export function within<T>(prefix: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof DescriptorProblem) fail(prefix + error.message);
    throw error;
  }
}

/** A text that is read from front to back. */
export class Text {
  rest: string;

  constructor(text: string) {
    this.rest = text;
  }

  /** Moves past this text if it stands here. */
  take(text: string): boolean {
    if (!this.rest.startsWith(text)) return false;
    this.rest = this.rest.slice(text.length);
    return true;
  }

  /** Moves past an expression: up to a comma or a closing bracket that belongs to none inside it. */
  takeExpression(): string {
    let level = 0;
    let end = 0;
    for (; end < this.rest.length; end++) {
      const character = present(this.rest[end], "rest[end]");
      if (character === "(" || character === "{") level++;
      else if (level > 0 && (character === ")" || character === "}")) level--;
      else if (level === 0 && ")},".includes(character)) break;
    }
    const expression = this.rest.slice(0, end);
    this.rest = this.rest.slice(end);
    return expression;
  }

  /** The first character as Core prints it. */
  get next(): string {
    return this.rest.charAt(0);
  }
}

/** The text between the brackets of `name(…)`. */
export function argumentOf(name: string, expression: string): string | undefined {
  return expression.startsWith(`${name}(`) && expression.endsWith(")")
    ? expression.slice(name.length + 1, -1)
    : undefined;
}

/** An unsigned number of 32 bits in decimal digits, leading zeros allowed. Core: ToIntegral<uint32_t>. */
export function parseUint32(text: string): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const significant = text.replace(/^0+(?=.)/, "");
  if (significant.length > 10) return undefined;
  const value = Number(significant);
  return value <= 0xffff_ffff ? value : undefined;
}

/** At least one byte in hex digits of either case. Core: IsHex. */
export function isHex(text: string): boolean {
  return text.length > 0 && text.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(text);
}

import ts from "typescript";

const PRONOUN = "(?:[Ww]ho(?:m|ever|mever)?|[Ww]hat(?:ever)?)\\b";
const FIRST = new RegExp(`^${PRONOUN}`);
/** A later sentence of the same comment: it begins with a capital. */
const LATER = /[.:;!?)] (?:Who(?:m|ever|mever)?|What(?:ever)?)\b/;
const TAG = new RegExp(`@(?:returns|throws|param [\\w.]+) ${PRONOUN}`);
/** Text that may be such an opening: most files have none, and need not be parsed. */
const CANDIDATE = new RegExp(`(?:/\\*\\*?|//|\\*)\\s*${PRONOUN}|${LATER.source}|${TAG.source}`);

/** The text of a comment without its marks, as one line. */
function plain(comment: string): string {
  return comment
    .replace(/^\/\*+|\*\/$/g, "")
    .split("\n")
    .map((line) => line.replace(/^\s*(?:\*+|\/\/+)\s?/, "").trim())
    .filter((line) => line !== "")
    .join(" ");
}

/** The comments of a source; lines of `//` that follow each other are one. */
function commentsOf(text: string): readonly { readonly line: number; readonly text: string }[] {
  const found: { line: number; end: number; isLine: boolean; text: string }[] = [];
  const file = ts.createSourceFile("a.ts", text, ts.ScriptTarget.Latest, true);
  const lineOf = (at: number): number => file.getLineAndCharacterOfPosition(at).line + 1;
  const seen = new Set<number>();
  const take = ({ pos, end, kind }: ts.CommentRange): void => {
    if (seen.has(pos)) return;
    seen.add(pos);
    const [line, isLine] = [lineOf(pos), kind === ts.SyntaxKind.SingleLineCommentTrivia];
    const last = found.at(-1);
    const comment = text.slice(pos, end);
    // A comment behind code does not go on in the next line.
    const isAlone = text.slice(text.lastIndexOf("\n", pos) + 1, pos).trim() === "";
    if (isLine && isAlone && last?.isLine && last.end === line - 1) {
      last.text += `\n${comment}`;
      last.end = line;
    } else {
      found.push({ line, end: lineOf(end), isLine: isLine && isAlone, text: comment });
    }
  };
  const visit = (node: ts.Node): void => {
    for (const range of ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []) take(range);
    for (const range of ts.getTrailingCommentRanges(text, node.getEnd()) ?? []) take(range);
    for (const child of node.getChildren(file)) visit(child);
  };
  visit(file);
  return found.map(({ line, text: comment }) => ({ line, text: plain(comment) }));
}

/** Comments, and sentences and tags in them, that begin with a relative pronoun: `line: sentence`. */
export function pronounOpenings(text: string): string[] {
  if (!CANDIDATE.test(text)) return [];
  return commentsOf(text)
    .filter((each) => FIRST.test(each.text) || LATER.test(each.text) || TAG.test(each.text))
    .map(({ line, text: comment }) => `${line}: ${comment.slice(0, 100)}`);
}

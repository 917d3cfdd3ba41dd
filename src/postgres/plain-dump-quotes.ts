/** Something quoted, or a comment, whose text means nothing. */
export interface Quote {
  /** Reads on within it: up to its end, or as far as the text at hand allows. */
  pass: (text: string, position: number) => { next: number; closed: boolean };
  /** The token that it is for what follows; null for a comment, which is none. */
  token: string | null;
  isComment: boolean;
}

/** A string in which a backslash is nothing special. '' closes it and opens another one, which comes to the same. */
export const plainString: Quote = upTo("'");

/** E'…' */
export const escapeString: Quote = { pass: passEscapeString, token: "E'", isComment: false };

/** Anything up to its closing characters. */
export function upTo(closing: string): Quote {
  const pass: Quote['pass'] = (text, position) => {
    const end = text.indexOf(closing, position);
    // The first of them may stand at the end of this piece.
    return end === -1
      ? { next: text.length - closing.length + 1, closed: false }
      : { next: end + closing.length, closed: true };
  };
  return { pass, token: closing, isComment: false };
}

function passEscapeString(text: string, position: number): { next: number; closed: boolean } {
  special.lastIndex = position;
  const index = special.exec(text)?.index ?? text.length;
  const next = text[index + 1];
  if (next === undefined) return { next: index, closed: false };
  const closed = text[index] === "'" && next !== "'";
  return { next: closed ? index + 1 : index + 2, closed };
}

const special = /[\\']/g;

/** A comment that may hold others of its kind. */
export function blockComment(): Quote {
  let depth = 1;
  const pass: Quote['pass'] = (text, position) => {
    blockMark.lastIndex = position;
    const found = blockMark.exec(text);
    if (found === null) return { next: text.length - 1, closed: false };
    depth += found[0] === '/*' ? 1 : -1;
    return { next: found.index + 2, closed: depth === 0 };
  };
  return { pass, token: null, isComment: true };
}

const blockMark = /\/\*|\*\//g;

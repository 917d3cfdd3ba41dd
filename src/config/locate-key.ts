/** What is used of a node of the tree that a program is parsed into (ESTree). */
interface Node {
  type: string;
  start: number;
  [part: string]: unknown;
}

/** Where something stands in a text: both count from 1. */
interface Place {
  line: number;
  column: number;
}

/** The places of keys in the text of a profile. */
export interface ProfileText {
  /** Of the key, or of the nearest thing around it that is written there; null where the text does not say it literally. */
  placeOf: (path: PropertyKey[]) => Place | null;
}

/**
 * Reads the text of a profile.
 * @throws where it is no program
 */
export async function readProfileText(text: string): Promise<ProfileText> {
  // It knows TypeScript, too, and takes two seconds to load: only what is wrong has to be located.
  const { parseAst } = await import('vitest/node');
  const program = parseAst(text, { lang: 'ts' }) as unknown as Node;
  const profile = findExported(program);
  return {
    placeOf: (path) => {
      const found = profile === null ? null : walk(program, profile, path);
      return found === null ? null : placeAt(text, found.start);
    },
  };
}

function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** What `export default` or `module.exports =` names. */
function findExported(program: Node): Node | null {
  for (const statement of program['body'] as Node[]) {
    if (statement.type === 'ExportDefaultDeclaration') return statement['declaration'] as Node;
    const expression = statement['expression'] as Node | undefined;
    if (expression?.type === 'AssignmentExpression') return expression['right'] as Node;
  }
  return null;
}

function walk(program: Node, start: Node, path: PropertyKey[]): Node | null {
  let [node, found] = [resolve(program, start), resolve(program, start)];
  for (const key of path) {
    const next = node === null ? null : child(node, key);
    if (next === null) return found;
    found = next.place;
    node = resolve(program, next.value);
  }
  return found;
}

function child(node: Node, key: PropertyKey): { place: Node; value: Node } | null {
  if (node.type === 'ArrayExpression') {
    const element = (node['elements'] as (Node | null)[])[Number(key)] ?? null;
    return element && { place: element, value: element };
  }
  const properties = node.type === 'ObjectExpression' ? (node['properties'] as Node[]) : [];
  const property = properties.find((each) => nameOf(each) === String(key));
  return property === undefined ? null : { place: property, value: property['value'] as Node };
}

function nameOf(property: Node): string | null {
  const key = property['key'] as Node | undefined;
  return key === undefined || property['computed'] === true ? null : String(key['name'] ?? key['value']);
}

/** The value itself: behind types, a name that is declared here, and a function that is called with it, as defineConfig is. */
function resolve(program: Node, node: Node): Node | null {
  if (/^(?:TS(?:As|Satisfies|NonNull)|Parenthesized)/.test(node.type))
    return resolve(program, node['expression'] as Node);
  if (node.type === 'CallExpression') {
    const [first] = node['arguments'] as Node[];
    return first === undefined ? null : resolve(program, first);
  }
  if (node.type !== 'Identifier') return node;
  const declared = (program['body'] as Node[])
    .flatMap((statement) => (statement['declarations'] as Node[] | undefined) ?? [])
    .find((each) => (each['id'] as Node)['name'] === node['name'])?.['init'] as Node | null | undefined;
  return declared === null || declared === undefined || declared.type === 'Identifier'
    ? null
    : resolve(program, declared);
}

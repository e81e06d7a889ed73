/** The facts of one TypeScript file: its imports, its strings and the globals it uses, each with its line. */
import { parseSync, Visitor } from 'oxc-parser';

export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** Whether it disappears when the types are stripped. */
  readonly typeOnly: boolean;
  /** The imported names; empty for a whole module. */
  readonly names: readonly string[];
}

export interface FileFacts {
  readonly imports: readonly Import[];
  /** String literals, and the leading text of templates. */
  readonly strings: readonly { readonly text: string; readonly line: number }[];
  /**
   * Uses of globals and their members: `process.env`, `Date.now`, `fetch()`, `new Date()` (only without arguments).
   * A local variable of the same name counts too, since it would also mislead a reader.
   */
  readonly uses: readonly { readonly name: string; readonly line: number }[];
}

type LineOf = (offset: number) => number;
type Parsed = ReturnType<typeof parseSync>;

/** @throws Error if the file is not valid TypeScript */
export function readFacts(path: string, source: string): FileFacts {
  const parsed = parseSync(path, source);
  const [fault] = parsed.errors;
  if (fault !== undefined) throw new Error(`${path}: ${fault.message}`);
  const lineOf = lineFinder(source);
  return { imports: readImports(parsed, source, lineOf), ...readBody(parsed, lineOf) };
}

function readImports({ module }: Parsed, source: string, lineOf: LineOf): Import[] {
  const imports = module.staticImports.map(({ moduleRequest, entries, start }) => ({
    specifier: moduleRequest.value,
    line: lineOf(start),
    typeOnly: entries.length > 0 && entries.every(({ isType }) => isType),
    names: entries.flatMap(({ importName }) => importName.name ?? []),
  }));
  const exports = module.staticExports.flatMap(({ entries, start }) => {
    const [first] = entries;
    if (!first?.moduleRequest) return [];
    const typeOnly = entries.every(({ isType }) => isType);
    return [{ specifier: first.moduleRequest.value, line: lineOf(start), typeOnly, names: [] }];
  });
  const dynamic = module.dynamicImports.flatMap(({ moduleRequest, start }) => {
    const literal = /^(['"`])(.*)\1$/s.exec(source.slice(moduleRequest.start, moduleRequest.end))?.[2];
    return literal === undefined
      ? []
      : [{ specifier: literal, line: lineOf(start), typeOnly: false, names: [] }];
  });
  return [...imports, ...exports, ...dynamic];
}

function readBody({ program }: Parsed, lineOf: LineOf): Pick<FileFacts, 'strings' | 'uses'> {
  const strings: { text: string; line: number }[] = [];
  const uses: { name: string; line: number }[] = [];
  new Visitor({
    Literal(node) {
      if (typeof node.value === 'string') strings.push({ text: node.value, line: lineOf(node.start) });
    },
    TemplateLiteral(node) {
      const text = node.quasis[0]?.value.cooked;
      if (text) strings.push({ text, line: lineOf(node.start) });
    },
    MemberExpression(node) {
      const { object, property } = node;
      if (object.type !== 'Identifier' || property.type !== 'Identifier') return;
      uses.push({
        name: node.computed ? object.name : `${object.name}.${property.name}`,
        line: lineOf(node.start),
      });
    },
    VariableDeclarator({ id, init, start }) {
      if (id.type === 'ObjectPattern' && init?.type === 'Identifier')
        uses.push({ name: init.name, line: lineOf(start) });
    },
    CallExpression({ callee, start }) {
      if (callee.type === 'Identifier') uses.push({ name: `${callee.name}()`, line: lineOf(start) });
    },
    NewExpression({ callee, arguments: given, start }) {
      if (callee.type === 'Identifier' && given.length === 0)
        uses.push({ name: `new ${callee.name}()`, line: lineOf(start) });
    },
  }).visit(program);
  return { strings, uses };
}

function lineFinder(source: string): LineOf {
  const ends = [...source.matchAll(/\n/g)].map(({ index }) => index);
  return (offset) => {
    const after = ends.findIndex((end) => end >= offset);
    return (after === -1 ? ends.length : after) + 1;
  };
}

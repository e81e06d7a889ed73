/**
 * The shape of a published schema, line by line, so that changes that affect readers are detected.
 *
 * Within a version an event can gain optional fields, and nothing else: stored events stay valid, and older readers
 * ignore unknown fields. Any other change is a new version (docs/decisions/versions-of-events.md).
 */

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly items?: Node;
  readonly additionalProperties?: Node | boolean;
  readonly [keyword: string]: unknown;
}

/** Keywords that only describe, or whose content has its own lines. */
const NOT_IN_SIGNATURE = new Set([
  '$schema',
  '$id',
  'title',
  'description',
  'properties',
  'required',
  'items',
]);

/** A line for each field: `data.bytes! {"type":"integer",…}`, with `!` where it is required and `?` where not. */
export function schemaShape(schema: object): string[] {
  return linesOf(schema as Node, '', '!').sort();
}

function linesOf(node: Node, path: string, mark: '!' | '?'): string[] {
  const signature = Object.entries(node)
    .filter(([keyword, value]) => !NOT_IN_SIGNATURE.has(keyword) && !isSubschema(keyword, value))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const own = `${path || '.'}${mark} ${JSON.stringify(Object.fromEntries(signature))}`;
  const required = new Set(node.required);
  const fields = Object.entries(node.properties ?? {}).flatMap(([name, field]) =>
    linesOf(field, path === '' ? name : `${path}.${name}`, required.has(name) ? '!' : '?'),
  );
  const items = node.items ? linesOf(node.items, `${path}[]`, '!') : [];
  const values =
    typeof node.additionalProperties === 'object' ? linesOf(node.additionalProperties, `${path}{}`, '!') : [];
  return [own, ...fields, ...items, ...values];
}

const isSubschema = (keyword: string, value: unknown): boolean =>
  keyword === 'additionalProperties' && typeof value === 'object';

/** How a shape differs from the published one. */
export interface ShapeChanges {
  /** Lines that need a new version: those removed, changed or newly required. */
  readonly breaking: readonly string[];
  /** New optional fields, with everything in them. */
  readonly added: readonly string[];
}

export function shapeChanges(published: readonly string[], current: readonly string[]): ShapeChanges {
  const [was, is] = [new Set(published), new Set(current)];
  const gone = published.filter((line) => !is.has(line));
  const fresh = current.filter((line) => !was.has(line));
  const freshPaths = new Set(fresh.map(pathOf));
  const isAddition = (line: string): boolean => {
    const path = pathOf(line);
    if (published.some((old) => pathOf(old) === path)) return false;
    return line.startsWith(`${path}?`) || freshPaths.has(parentOf(path));
  };
  return {
    breaking: [...gone, ...fresh.filter((line) => !isAddition(line))],
    added: fresh.filter(isAddition),
  };
}

const pathOf = (line: string): string => line.slice(0, line.search(/[!?] /));
/** The path of a field's parent; the root is `.`. */
function parentOf(path: string): string {
  const parent = path.replace(/(\.[^.[{]+|\[\]|\{\})$/, '');
  return parent === path || parent === '' ? '.' : parent;
}

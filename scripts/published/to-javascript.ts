/** Converts a TypeScript module to one that runs under node_modules, where Node strips no types. */
import { stripTypeScriptTypes } from 'node:module';
import { dirname, relative } from 'node:path/posix';
import { parseSync, Visitor } from 'oxc-parser';

export interface Module {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly source: string;
}

const RELATIVE_MODULE = /^\.{1,2}\/.+\.ts$/;

/**
 * The same module in JavaScript, line for line and column for column except for its specifiers: `./x.ts` becomes
 * `./x.js`, also in `new URL('./x.ts', import.meta.url)`, and a workspace's name becomes the path to its index.
 * @param indexOf the index of a workspace, from the root; undefined for a third-party package
 */
export function toJavaScript(
  { path, source }: Module,
  indexOf: (specifier: string) => string | undefined,
): string {
  const { program, errors } = parseSync(path, source);
  if (errors[0] !== undefined) throw new Error(`${path}: ${errors[0].message}`);
  const changes: { start: number; end: number; text: string }[] = [];
  const change = ({ start, end, value }: { start: number; end: number; value: unknown }): void => {
    if (typeof value !== 'string') return;
    const index = indexOf(value);
    const target = index === undefined ? value : fromTo(path, index);
    if (RELATIVE_MODULE.test(target))
      changes.push({ start, end, text: `'${target.replace(/\.ts$/, '.js')}'` });
  };
  new Visitor({ Literal: change }).visit(program);
  changes.sort((a, b) => b.start - a.start);
  const rewritten = changes.reduce(
    (text, { start, end, text: to }) => text.slice(0, start) + to + text.slice(end),
    source,
  );
  return stripTypeScriptTypes(rewritten, { mode: 'strip' });
}

function fromTo(path: string, target: string): string {
  const way = relative(dirname(path), target);
  return way.startsWith('.') ? way : `./${way}`;
}

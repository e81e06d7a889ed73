/** Rules about access to the outside world: domains have none, and in a service only main.ts touches `process`. */

import type { Import } from './file-facts.ts';
import {
  type Finding,
  isRelative,
  resolveRelative,
  type SourceFile,
  type SourceTree,
} from './source-tree.ts';

/** What a domain may import besides its own files: pure code, and schemas. */
const PURE_MODULES = new Set([
  '@setlist/contracts',
  '@setlist/polly',
  '@setlist/set-file',
  'csv-stringify/sync',
  'zod',
]);
/** The deterministic exports of modules that also have side effects. */
const PURE_NAMES: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['node:crypto', new Set(['createHash', 'createHmac', 'hash', 'timingSafeEqual'])],
  ['@setlist/sets', new Set(['completionOf', 'evolve', 'LogRecord', 'progressOf'])],
]);
/** The folders that must be pure: domains, and equally pure code under more specific names. */
const DOMAINS = /(^|\/)domain\/|^packages\/sets\/src\/(fold|manifest)\//;
/** Uses that read a clock, are random, wait or do I/O. */
const IMPURE_USE =
  /^(Date\.now|Date\(\)|new Date\(\)|performance\.\w+|Math\.random|crypto(\.\w+)?|process(\.\w+)?|console\.\w+|(fetch|setTimeout|setInterval|setImmediate|queueMicrotask)\(\))$/;
const PROCESS_USE = /^(process(\.\w+)?|globalThis\.process)$/;

/** A domain decides only from its arguments, and does nothing else. */
export function domainFindings(tree: SourceTree): Finding[] {
  return [...tree.files.values()].filter(isDomain).flatMap((file) => {
    const found = (line: number, message: string) => ({
      file: file.path,
      line,
      rule: 'pure-domain',
      message,
    });
    const imports = file.facts.imports
      .filter((wanted) => !mayImport(file, wanted))
      .map(({ specifier, line }) => found(line, `a domain does no I/O. Let the caller use ${specifier}.`));
    const uses = file.facts.uses
      .filter(({ name }) => IMPURE_USE.test(name))
      .map(({ name, line }) =>
        found(line, `${name} differs from call to call. Take its value as an argument.`),
      );
    return [...imports, ...uses];
  });
}

/** Only main.ts may touch `process`, so that tests and the CLI can run every other file. */
export function processFindings(tree: SourceTree): Finding[] {
  return [...tree.files.values()]
    .filter(
      (file) => file.workspace.layer === 'service' && !file.forTests && !file.path.endsWith('/src/main.ts'),
    )
    .flatMap((file) => {
      const uses = file.facts.uses.filter(({ name }) => PROCESS_USE.test(name));
      const imports = file.facts.imports.filter(({ specifier }) => specifier === 'node:process');
      return [...uses, ...imports].map(({ line }) => ({
        file: file.path,
        line,
        rule: 'process-in-main',
        message: 'only main.ts touches process. Take what is needed from the settings or as an argument.',
      }));
    });
}

function isDomain(file: SourceFile): boolean {
  return !file.forTests && DOMAINS.test(file.path);
}

function mayImport(file: SourceFile, { specifier, typeOnly, names }: Import): boolean {
  if (isRelative(specifier)) return typeOnly || DOMAINS.test(resolveRelative(file, specifier));
  // Types are gone at run time.
  if (PURE_MODULES.has(specifier) || (typeOnly && specifier.startsWith('@setlist/'))) return true;
  const pure = PURE_NAMES.get(specifier);
  return pure !== undefined && names.length > 0 && names.every((name) => pure.has(name));
}

/** Rules about where the outside world may be touched: not in a domain, and in a service only by its main. */

import type { Import } from './file-facts.ts';
import {
  type Finding,
  isRelative,
  resolveRelative,
  type SourceFile,
  type SourceTree,
} from './source-tree.ts';

/** What a domain may import beside its own files: pure code, and schemas. */
const PURE_MODULES = new Set(['@setlist/contracts', '@setlist/polly', '@setlist/set-file', 'zod']);
/** Of node:crypto, what gives the same answer every time. */
const PURE_CRYPTO = new Set(['createHash', 'createHmac', 'hash', 'timingSafeEqual']);
/** What reads a clock, draws lots, waits or does I/O. */
const IMPURE_USE =
  /^(Date\.now|Date\(\)|new Date\(\)|performance\.\w+|Math\.random|crypto(\.\w+)?|process(\.\w+)?|console\.\w+|(fetch|setTimeout|setInterval|setImmediate|queueMicrotask)\(\))$/;
const PROCESS_USE = /^(process(\.\w+)?|globalThis\.process)$/;

/** A folder `domain` decides from what it is given, and does nothing else. */
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
      .map(({ specifier, line }) =>
        found(line, `a domain does no I/O. Have ${specifier} used by the caller.`),
      );
    const uses = file.facts.uses
      .filter(({ name }) => IMPURE_USE.test(name))
      .map(({ name, line }) =>
        found(line, `${name} differs from call to call. Take its value as an argument.`),
      );
    return [...imports, ...uses];
  });
}

/** `process` belongs to main.ts, so that every other file can be run by a test or by the CLI. */
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
  return !file.forTests && file.path.split('/').slice(0, -1).includes('domain');
}

function mayImport(file: SourceFile, { specifier, typeOnly, names }: Import): boolean {
  if (isRelative(specifier)) return typeOnly || resolveRelative(file, specifier).includes('/domain/');
  if (specifier === 'node:crypto') return names.length > 0 && names.every((name) => PURE_CRYPTO.has(name));
  // Types are gone at run time.
  return PURE_MODULES.has(specifier) || (typeOnly && specifier.startsWith('@setlist/'));
}

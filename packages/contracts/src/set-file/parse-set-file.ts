/** The door: a set file is accepted whole, or refused whole with everything that is wrong in it. */
import type { Priority } from '../events/parts.ts';
import { checkItem, type ParsedItem } from './check-item.ts';
import { Collector } from './collect.ts';
import { FileNames } from './file-names.ts';
import { lineIndex } from './line-index.ts';
import { Findings, type Problem } from './problems.ts';
import { type Header, readHeader } from './read-header.ts';
import { readJson } from './read-json.ts';
import { readText } from './read-text.ts';
import { readYaml } from './read-yaml.ts';
import { readSettings } from './settings.ts';

/** How many problems are kept unless told otherwise; they go into one event, which has to stay under 1 MB. */
const DEFAULT_MAX_PROBLEMS = 1_000;

/** A set file that holds, with all defaults filled in. */
export type ParsedSet = {
  readonly name: string;
  readonly description?: string;
  /** Folder of the files: a key without slashes at its ends. */
  readonly prefix: string;
  readonly priority: Priority;
  /** Mail addresses; none means those of the settings. */
  readonly notify: readonly string[];
  /** US dollars as decimal text, as written. */
  readonly budgetUsd?: string;
  readonly items: readonly ParsedItem[];
};

export type SetFileResult =
  | { readonly ok: true; readonly set: ParsedSet; readonly warnings: readonly Problem[] }
  | {
      readonly ok: false;
      /** The set's name and description, if at least those could be read. */
      readonly name?: string;
      readonly description?: string;
      /** Sorted by position; the first `maxProblems`. */
      readonly problems: readonly Problem[];
      /** How many there are in all. */
      readonly problemCount: number;
      readonly warnings: readonly Problem[];
    };

export type ParseOptions = {
  /** Decides the grammar: `.yml`, `.yaml` or `.json`, in any case. */
  readonly fileName: string;
  /** Warns where the reference said nothing and left it to Polly to refuse an item. */
  readonly compat?: boolean;
  readonly maxProblems?: number;
};

/**
 * Reads and checks a set file; docs/set-file.md is its manual. Pure, never throws for what a file may hold, and takes
 * seconds for 100,000 items.
 */
export function parseSetFile(bytes: Uint8Array, options: ParseOptions): SetFileResult {
  const read = readerOf(options.fileName);
  if (read === undefined) {
    const message = 'the name ends in none of .yml, .yaml and .json';
    return refused({
      line: 1,
      column: 1,
      path: '',
      code: 'not-a-set-file',
      message,
      remedy: 'rename the file',
    });
  }
  const decoded = readText(bytes);
  if (!decoded.ok) return refused(decoded.problem);
  const source = decoded.text;
  const { compat = false, maxProblems = DEFAULT_MAX_PROBLEMS } = options;
  const positionOf = lineIndex(source);
  const findings = new Findings(positionOf, { compat, maxProblems });
  const collector = new Collector(findings);
  read(source, collector);
  reportMissing(collector, findings);
  return check({ source, positionOf, collector, findings });
}

type Reading = {
  readonly source: string;
  readonly positionOf: ReturnType<typeof lineIndex>;
  readonly collector: Collector;
  readonly findings: Findings;
};

function check({ source, positionOf, collector, findings }: Reading): SetFileResult {
  const { report } = findings;
  const header = collector.set && readHeader(collector.set, report);
  const set = {
    source,
    defaults: collector.defaults ? readSettings(collector.defaults, false, report) : {},
    files: new FileNames(header?.prefix),
    report,
    lineOf: (offset: number) => positionOf(offset).line,
  };
  const items = collector.items.map((fields, index) => fields && checkItem(index, fields, set));
  const warnings = findings.warnings();
  if (findings.count === 0) return { ok: true, set: settled(header, items), warnings };
  const { name, description } = header ?? {};
  return {
    ok: false,
    ...(name && { name }),
    ...(description && { description }),
    problems: findings.problems(),
    problemCount: findings.count,
    warnings,
  };
}

function readerOf(fileName: string): typeof readYaml | undefined {
  const extension = /\.[^.]+$/.exec(fileName)?.[0].toLowerCase();
  if (extension === '.json') return readJson;
  return extension === '.yml' || extension === '.yaml' ? readYaml : undefined;
}

function reportMissing(collector: Collector, { report }: Findings): void {
  if (collector.broken) return;
  const missing = ['set', 'items'].filter((section) => !collector.has(section));
  if (missing.length === 2 && !collector.has('defaults')) {
    const remedy = 'write "set:" with a "name", and "items:" with one "- text: …" for each phrase';
    report({ at: 0, path: '', code: 'empty-file', message: 'the file describes no set', remedy });
    return;
  }
  for (const path of missing) {
    const remedy =
      path === 'set' ? 'add "set:" with a "name"' : 'add "items:" with one "- text: …" for each phrase';
    report({ at: 0, path, code: 'missing-section', message: `"${path}" is missing`, remedy });
  }
}

/** Where nothing was reported, nothing is missing; the types don't know. */
function settled(header: Header | undefined, items: readonly (ParsedItem | undefined)[]): ParsedSet {
  const { name, description, prefix, priority = 'normal', notify = [], budgetUsd } = header ?? {};
  const complete = items.filter((item) => item !== undefined);
  if (name === undefined || prefix === undefined || complete.length < items.length) {
    throw new Error('A check of the set file gave up without a report.');
  }
  return {
    name,
    ...(description && { description }),
    prefix,
    priority,
    notify,
    ...(budgetUsd !== undefined && { budgetUsd }),
    items: complete,
  };
}

function refused(problem: Problem): SetFileResult {
  return { ok: false, problems: [problem], problemCount: 1, warnings: [] };
}

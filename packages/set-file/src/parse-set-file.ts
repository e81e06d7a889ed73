/** The entry point: a set file is accepted as a whole, or refused as a whole with all of its problems. */
import type { Priority } from '@setlist/contracts';
import { Collector, type Sections } from './fields/collect.ts';
import { type Header, type Paths, readHeader } from './fields/read-header.ts';
import { readSettings } from './fields/settings.ts';
import { checkItem, type ParsedItem } from './items/check-item.ts';
import { FileNames } from './items/file-names.ts';
import { type UnnamedEngine, UnnamedEngines } from './items/unnamed-engine.ts';
import { Findings, type Problem } from './problems.ts';
import type { Position } from './source/line-index.ts';
import { unreadable } from './source/not-text.ts';
import { readJson } from './source/read-json.ts';
import { readYaml } from './source/read-yaml.ts';
import { contentOf, NotUtf8, type SetFileContent, SourceText } from './source/source-text.ts';

/** What an accepted set file says about the set itself, with all defaults filled in. */
export type SetTerms = {
  readonly name: string;
  readonly description?: string;
  /** The folder of the files: a key without slashes at its ends. */
  readonly prefix: string;
  readonly priority: Priority;
  /** Channel names; empty means the default channels of the settings. */
  readonly notify: readonly string[];
  /** US dollars as decimal text, as written. */
  readonly budgetUsd?: string;
  /** As written; `deadlineAt` gives the moment. */
  readonly deadline?: string;
  readonly paths: Paths;
  /** The items that use the neural engine because no engine is named; missing if there are none. */
  readonly unnamedEngine?: UnnamedEngine;
  /** The positions of the values of the keys of `set`. */
  readonly places: Readonly<Record<string, Position>>;
};

/** An accepted set file. */
export type ParsedSet = SetTerms & { readonly items: readonly ParsedItem[] };

export type RefusedSetFile = {
  readonly ok: false;
  /** The set's name and description, as far as they could be read. */
  readonly name?: string;
  readonly description?: string;
  /** The first 1,000, sorted by position. */
  readonly problems: readonly Problem[];
  /** The total number of problems. */
  readonly problemCount: number;
  readonly warnings: readonly Problem[];
};

export type SetFileResult =
  | { readonly ok: true; readonly set: ParsedSet; readonly warnings: readonly Problem[] }
  | RefusedSetFile;

/** The result of reading a file without keeping its items. Reading it again with these `sections` never restarts. */
export type SetFileReading =
  | {
      readonly ok: true;
      readonly set: SetTerms;
      readonly warnings: readonly Problem[];
      readonly sections: Sections;
    }
  | RefusedSetFile;

/** Receives the items of a file while it is read. They count only if the file is accepted in the end. */
export type ItemSink = {
  item(item: ParsedItem): void;
  /** Discards all items received so far: a section comes after the items, which are read again with it. */
  restart(): void;
};

export type ParseOptions = {
  /** Decides the grammar: `.yml`, `.yaml` or `.json`, in any case. */
  readonly fileName: string;
  /** Only warns about what the reference left to Polly to refuse. */
  readonly compat?: boolean;
  /** Tells the reader of a refusal how to turn `compat` on; names the command line's `--compat` unless given. */
  readonly compatHint?: string;
  /** The sections from an earlier reading of the same bytes, with which the items are read only once. */
  readonly sections?: Sections;
};

/**
 * Reads and checks a set file; docs/set-file.md is the manual. Pure, never throws because of a file's content, and
 * takes seconds for 100,000 items.
 */
export function parseSetFile(bytes: Uint8Array, options: ParseOptions): SetFileResult {
  let items: ParsedItem[] = [];
  const reading = readSetFile(contentOf(bytes), options, {
    item: (item) => items.push(item),
    restart: () => {
      items = [];
    },
  });
  if (!reading.ok) return reading;
  const { ok, set, warnings } = reading;
  return { ok, set: { ...set, items }, warnings };
}

/** The same without keeping the file, its text or its items in memory, which grows only by some bytes per item. */
export function readSetFile(content: SetFileContent, options: ParseOptions, sink: ItemSink): SetFileReading {
  const read = readerOf(options.fileName);
  if (read === undefined) {
    const message = 'the name does not end in .yml, .yaml or .json';
    const at = { line: 1, column: 1, path: '' };
    return refused({ ...at, code: 'not-a-set-file', message, remedy: 'rename the file' });
  }
  const [beginning = new Uint8Array()] = content.pieces();
  const problem = unreadable(content.bytes, beginning);
  if (problem !== undefined) return refused(problem);
  try {
    const first = new Reading(content, options, sink);
    read(first.text.pieces(), first.collector);
    if (!first.collector.late) return first.result();
    sink.restart();
    const again = new Reading(content, { ...options, sections: first.collector.sections }, sink);
    read(again.text.pieces(), again.collector);
    return again.result();
  } catch (error) {
    if (error instanceof NotUtf8) return refused(error.problem);
    throw error;
  }
}

/** One pass through a file. */
class Reading {
  readonly text: SourceText;
  readonly collector: Collector;
  readonly #findings: Findings;
  readonly #sink: ItemSink;
  readonly #compat: boolean;
  readonly #unnamedEngines = new UnnamedEngines();
  #context: ItemsContext | undefined;
  /** The number of unusable items, each of which was reported. */
  #lost = 0;

  constructor(content: SetFileContent, options: ParseOptions, sink: ItemSink) {
    const { compat = false, compatHint, sections } = options;
    this.#sink = sink;
    this.#compat = compat;
    this.text = new SourceText(content);
    this.#findings = new Findings(this.text.positionOf, { compat, compatHint });
    this.collector = new Collector({
      findings: this.#findings,
      known: sections,
      onItem: (index, fields) => {
        this.#context ??= this.#readSections();
        const item = fields && checkItem(index, fields, this.#context);
        if (fields === undefined || item === undefined) {
          this.#lost += 1;
          return;
        }
        const isNamed = 'engine' in fields.values || this.#context.defaults.engine !== undefined;
        if (!isNamed) this.#unnamedEngines.take(item, fields);
        this.#sink.item(item);
      },
    });
  }

  result(): SetFileReading {
    reportMissing(this.collector, this.#findings);
    this.#context ??= this.#readSections();
    const { header } = this.#context;
    if (this.#compat) this.#unnamedEngines.tell(this.#findings.report);
    const warnings = this.#findings.warnings();
    if (this.#findings.count === 0) {
      if (this.#lost > 0) throw new Error('A check of the set file gave up without a report.');
      return { ok: true, set: this.#termsOf(header), warnings, sections: this.collector.sections };
    }
    const { name, description } = header ?? {};
    return {
      ok: false,
      ...(name && { name }),
      ...(description && { description }),
      problems: this.#findings.problems(),
      problemCount: this.#findings.count,
      warnings,
    };
  }

  #readSections(): ItemsContext {
    const { report } = this.#findings;
    const { set, defaults } = this.collector.sections;
    const header = set && readHeader(set, report);
    return {
      header,
      writtenAt: (start: number, end: number) => this.text.slice(start, end),
      defaults: defaults ? readSettings(defaults, false, report) : {},
      files: new FileNames(header?.prefix, this.#compat),
      compat: this.#compat,
      report,
      positionOf: this.text.positionOf,
    };
  }

  /** If nothing was reported, nothing is missing, which the types can't express. */
  #termsOf(header: Header | undefined): SetTerms {
    const { name, description, prefix, budgetUsd, deadline } = header ?? {};
    if (header === undefined || name === undefined || prefix === undefined) {
      throw new Error('A check of the set file gave up without a report.');
    }
    const unnamedEngine = this.#unnamedEngines.found();
    const places = [...header.at].map(([key, at]) => [key, this.text.positionOf(at)] as const);
    return {
      name,
      ...(description && { description }),
      prefix,
      priority: header.priority,
      notify: header.notify,
      ...(budgetUsd !== undefined && { budgetUsd }),
      ...(deadline !== undefined && { deadline }),
      paths: header.paths,
      ...(unnamedEngine && { unnamedEngine }),
      places: Object.fromEntries(places),
    };
  }
}

type ItemsContext = Parameters<typeof checkItem>[2] & { readonly header: Header | undefined };

function readerOf(fileName: string): typeof readYaml | undefined {
  const extension = /\.[^.]+$/.exec(fileName)?.[0].toLowerCase();
  if (extension === '.json') return readJson;
  return extension === '.yml' || extension === '.yaml' ? readYaml : undefined;
}

function reportMissing(collector: Collector, { report }: Findings): void {
  if (collector.partial) return;
  const missing = ['set', 'items'].filter((section) => !collector.has(section));
  if (missing.length === 2 && !collector.has('defaults')) {
    const remedy = 'write "set:" with a "name", and "items:" with one "- text: …" for each phrase';
    report({ at: 0, path: '', code: 'empty-file', message: 'the file does not describe a set', remedy });
    return;
  }
  for (const path of missing) {
    const remedy =
      path === 'set' ? 'add "set:" with a "name"' : 'add "items:" with one "- text: …" for each phrase';
    report({ at: 0, path, code: 'missing-section', message: `"${path}" is missing`, remedy });
  }
}

function refused(problem: Problem): RefusedSetFile {
  return { ok: false, problems: [problem], problemCount: 1, warnings: [] };
}

/** Reads the command line; arguments that make no sense are refused with the help. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '@setlist/runtime';
import type { Benchmark, Paths, Settings } from './benchmark.ts';

export interface Wanted {
  readonly names: readonly string[];
  readonly settings: Settings;
}

/** What is wrong with the arguments. */
export class NotUnderstood extends Error {
  override readonly name = 'NotUnderstood';
}

const OPTIONS = {
  runs: { type: 'string', default: '3' },
  items: { type: 'string' },
  only: { type: 'string' },
  paths: { type: 'string' },
  profile: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @returns undefined if only help is wanted. @throws NotUnderstood */
export function readArguments(args: string[], known: readonly string[]): Wanted | undefined {
  const { values, positionals } = parsed(args);
  if (values.help || positionals.length === 0) return undefined;
  const names = positionals.includes('all') ? known : positionals;
  for (const name of names) {
    if (!known.includes(name)) throw new NotUnderstood(`there is no benchmark ${name}`);
  }
  const runs = wholeNumber('--runs', values.runs, 100);
  const items = values.items === undefined ? undefined : wholeNumber('--items', values.items, 1_000_000);
  const settings: Settings = {
    runs,
    paths: readPaths(values.paths),
    ...(items === undefined ? {} : { items }),
    ...(values.only === undefined ? {} : { only: values.only }),
    ...(values.profile === undefined ? {} : { profiles: resolve(values.profile) }),
  };
  return { names, settings };
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, allowPositionals: true, options: OPTIONS });
  } catch (error) {
    throw new NotUnderstood(messageOf(error));
  }
}

function wholeNumber(option: string, text: string, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= most) return value;
  throw new NotUnderstood(
    `${option} must be a whole number from 1 to ${most.toLocaleString('en-US')}, not ${text}`,
  );
}

function readPaths(text: string | undefined): readonly Paths[] {
  if (text === undefined) return ['one', 'both'];
  if (text === 'one' || text === 'both') return [text];
  throw new NotUnderstood(`--paths must be one or both, not ${text}`);
}

export function help(benchmarks: Readonly<Record<string, Benchmark>>): string {
  const width = Math.max(...Object.keys(benchmarks).map((name) => name.length));
  const list = Object.entries(benchmarks).map(
    ([name, { says, takes }]) => `  ${name.padEnd(width)}  ${says}\n  ${' '.repeat(width)}  ${takes}`,
  );
  return `Usage: npm run bench -- NAME… [--runs 3] [--items N] [--only TEXT] [--paths one|both] [--profile FOLDER]

${list.join('\n')}

  all: each of them in turn. Times are for one run of every case on two idle cores; --runs multiplies them.

  --runs N          how often each case is measured; the table shows the middle run (default 3)
  --items N         fewer items than the benchmark's default
  --only TEXT       only the cases whose names contain TEXT; the others keep their results
  --paths one|both  quota: only calls, or calls and tasks side by side; by default one after the other
  --profile FOLDER  overhead, growth, quota, rerun: keep CPU profiles of the services there

Every benchmark starts its own servers on 127.0.0.1 and removes what they stored. Tables go to standard output,
progress to standard error, and each case to bench/results/NAME.json, with the machine's description.
`;
}

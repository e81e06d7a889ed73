/** A benchmark: named cases, each measured several times, of which the middle run is kept whole. */

/** Figures of one case, by name. A name ends with its unit. */
export type Row = Readonly<Record<string, string | number>>;

export interface Settings {
  /** How often each case is measured. */
  readonly runs: number;
  /** Overrides the benchmark's default number of items. */
  readonly items?: number;
  /** Measures only the cases whose names contain this. */
  readonly only?: string;
  /** Only synchronous calls, calls and tasks together, or one after the other. */
  readonly paths: readonly Paths[];
  /** A folder for CPU profiles of the services. */
  readonly profiles?: string;
}

export type Paths = 'one' | 'both';

export interface Case {
  /** A few words, under which the result is kept. */
  readonly name: string;
  readonly measure: () => Promise<Row>;
}

export interface Benchmark {
  /** What it measures, in one line. */
  readonly says: string;
  /** How long it takes with the default settings on two idle cores. */
  readonly takes: string;
  /** The figure whose median picks the run that represents a case. */
  readonly middleOf: string;
  /** The cases, once their shared set-up is done. */
  cases(settings: Settings): readonly Case[] | Promise<readonly Case[]>;
}

/** Prints progress to standard error; results go to standard output. */
export const progress = (text: string): void => void process.stderr.write(`${text}\n`);

/** How long a step took, which is told as well. */
export async function secondsOf(what: string, work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1_000;
  progress(`    ${what} in ${seconds.toFixed(2)} s`);
  return seconds;
}

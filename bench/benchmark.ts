/** What a benchmark is: named cases, each measured several times, of which the middle run is kept whole. */

/** Figures of one case, by name. A unit ends the name. */
export type Row = Readonly<Record<string, string | number>>;

export interface Settings {
  /** How often each case is measured. */
  readonly runs: number;
  /** Fewer items than the benchmark takes by itself, or more. */
  readonly items?: number;
  /** Measures only the cases whose names hold this. */
  readonly only?: string;
  /** Synchronous calls alone, tasks beside them, or both in turn. */
  readonly paths: readonly Paths[];
  /** A folder for CPU profiles of the services. */
  readonly profiles?: string;
}

export type Paths = 'one' | 'both';

export interface Case {
  /** In a few words; what is kept of it is kept under this. */
  readonly name: string;
  readonly measure: () => Promise<Row>;
}

export interface Benchmark {
  /** What it measures, in one line. */
  readonly says: string;
  /** How long it takes with the default settings on two idle cores. */
  readonly takes: string;
  /** The figure whose middle value picks the run that stands for a case. */
  readonly middleOf: string;
  /** The cases, once what they share has been found out. */
  cases(settings: Settings): readonly Case[] | Promise<readonly Case[]>;
}

/** Progress, for whoever watches; results go to standard output. */
export const progress = (text: string): void => void process.stderr.write(`${text}\n`);

/** How long a step took, which is told as well. */
export async function secondsOf(what: string, work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1_000;
  progress(`    ${what} in ${seconds.toFixed(2)} s`);
  return seconds;
}

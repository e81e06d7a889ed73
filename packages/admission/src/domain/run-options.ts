/** The options of a drop, as in `setlist run --fresh --max-usd 2`, and the terms that follow from them and its file. */
import { PRIORITIES, type Priority, uriDecoded } from '@setlist/contracts';
import { parseUsd } from '@setlist/polly';
import { deadlineAt, isAmount, type SetTerms } from '@setlist/set-file';

/** The options of one run. */
export interface RunOptions {
  /** `setlist run` placed the file for itself: unless its set has begun, it is taken back when that command ends. */
  readonly byRun?: true;
  /** Every sound is recorded again, even if it is already paid for. */
  readonly fresh?: true;
  /** The most that the run may additionally cost, in US dollars as decimal text. */
  readonly maxUsd?: string;
  /** As in the set file; see `deadlineAt`. */
  readonly deadline?: string;
  readonly priority?: Priority;
}

/** The options that were given, without undefined ones. */
export function runOptions({ fresh, maxUsd, deadline, priority }: AskedOptions): RunOptions {
  return {
    ...(fresh && { fresh }),
    ...(maxUsd !== undefined && { maxUsd }),
    ...(deadline !== undefined && { deadline }),
    ...(priority !== undefined && { priority }),
  };
}

type AskedOptions = { readonly fresh?: boolean | undefined } & {
  readonly [K in Exclude<keyof RunOptions, keyof typeof FLAGS>]?: RunOptions[K] | undefined;
};

/** The terms of one run. */
export interface RunTerms {
  readonly priority: Priority;
  /** The smaller of the file's budget and the run's. */
  readonly limit?: { readonly usd: string; readonly by: 'budget' | '--max-usd' };
  /** As written: the run's own, otherwise the file's. */
  readonly deadline?: string;
  readonly paths: SetTerms['paths'];
  readonly fresh: boolean;
}

/** The run's own options override the file's keys, but never raise its budget. */
export function termsOf(
  set: Pick<SetTerms, 'priority' | 'paths' | 'budgetUsd' | 'deadline'>,
  options: RunOptions,
): RunTerms {
  const limit = smallerLimit(set.budgetUsd, options.maxUsd);
  const deadline = options.deadline ?? set.deadline;
  return {
    priority: options.priority ?? set.priority,
    ...(limit && { limit }),
    ...(deadline !== undefined && { deadline }),
    paths: set.paths,
    fresh: options.fresh ?? false,
  };
}

function smallerLimit(budget: string | undefined, maxUsd: string | undefined): RunTerms['limit'] {
  if (maxUsd !== undefined && (budget === undefined || parseUsd(maxUsd) < parseUsd(budget)))
    return { usd: maxUsd, by: '--max-usd' };
  return budget === undefined ? undefined : { usd: budget, by: 'budget' };
}

const FLAGS = { byRun: 'by-run', fresh: 'fresh' } as const;
const KEYS = { maxUsd: 'max-usd', deadline: 'deadline', priority: 'priority' } as const;

/** The options as part of a file's name: `+fresh+max-usd=2.50`; empty where there are none. */
export function optionsToken(options: RunOptions): string {
  const values = Object.entries(KEYS).flatMap(([name, key]) => {
    const value = options[name as keyof typeof KEYS];
    return value === undefined ? [] : `+${key}=${encodeURIComponent(value)}`;
  });
  const flags = Object.entries(FLAGS).map(([name, key]) =>
    options[name as keyof typeof FLAGS] ? `+${key}` : '',
  );
  return [...flags, ...values].join('');
}

/** The options that a token stands for; `undefined` if it is not ours, or from a version with more options. */
export function optionsOfToken(token: string): RunOptions | undefined {
  let options: RunOptions = {};
  for (const part of token.split('+').slice(1)) {
    const [key = '', written] = part.split('=');
    const read = readOption(key, written === undefined ? undefined : uriDecoded(written));
    if (read === undefined) return undefined;
    options = { ...options, ...read };
  }
  return optionsToken(options) === token ? options : undefined;
}

function readOption(key: string, value: string | undefined): RunOptions | undefined {
  if (value === undefined) {
    if (key === FLAGS.byRun) return { byRun: true };
    return key === FLAGS.fresh ? { fresh: true } : undefined;
  }
  const priority = PRIORITIES.find((known) => known === value);
  if (key === KEYS.priority) return priority && { priority };
  if (key === KEYS.maxUsd) return isAmount(value) ? { maxUsd: value } : undefined;
  if (key === KEYS.deadline && deadlineAt(value, new Date(0)) !== undefined) return { deadline: value };
  return undefined;
}

/** A plan as the API answers it: counts and sums of everything, and of items and files as many as are asked for. */
import type { Plan } from '@setlist/admission';
import type { Provider } from '@setlist/contracts';
import { ENGINES } from '@setlist/polly';
import { z } from 'zod';
import type { Caller } from '../access/caller.ts';
import { problemFor, setFileProblemSchema } from './set-file-problem.ts';

const usd = z.string().describe('US dollars, decimal text');
const states = ['new', 'changed', 'gone', 'anew', 'cached'] as const;

export const planAnswerSchema = z.object({
  set: z.string(),
  prefix: z.string(),
  provider: z.string().describe('who would speak'),
  itemCount: z.int(),
  states: z
    .object({ new: z.int(), changed: z.int(), gone: z.int(), anew: z.int(), cached: z.int() })
    .describe(
      'items by state. cached: the sound is paid for. changed: not so, and the last run made another sound under this name. gone: paid for, but not in the store any more, so to be paid again. anew: paid for, and to be paid again',
    ),
  billedCharacters: z.int().describe('what would be paid now, each sound once'),
  sounds: z.int().describe('in so many sounds'),
  estimatedUsd: usd.describe(
    'what would be paid now; for who may see all sets, less what the month still has free',
  ),
  listUsd: usd
    .optional()
    .describe('the same without anything free, where that is more; only for who may see all sets'),
  byPollyUsd: usd.optional().describe('where the local engine speaks: what Polly would cost, by list prices'),
  estimatedSeconds: z.int(),
  budget: z.object({ usd, by: z.enum(['budget', '--max-usd']) }).optional(),
  month: z
    .object({ spentUsd: usd, openUsd: usd, capUsd: usd.optional() })
    .optional()
    .describe('the calendar month in UTC before this set, where it counts; only for who may see all sets'),
  problem: setFileProblemSchema.optional().describe('why the set would be refused for its cost'),
  lastRun: z.object({ setId: z.string(), acceptedAt: z.iso.datetime() }).optional(),
  items: z
    .array(
      z.object({
        index: z.int(),
        file: z.string(),
        voice: z.string(),
        engine: z.enum(ENGINES),
        billedCharacters: z.int(),
        state: z.enum(states),
        toPay: z.int().describe('0 where the sound is paid for and there, or an item before it pays'),
      }),
    )
    .describe('all, or where they are more than asked for the first of those that are not cached'),
  removed: z.int().describe('files of the last run whose lines are gone'),
  renamed: z.int().describe('files of the last run whose sounds have other names now'),
  leftBehind: z
    .array(
      z.object({
        index: z.int().describe('in the last run'),
        file: z.string(),
        because: z.enum(['removed', 'renamed']),
        now: z.string().optional().describe('the file that has its sound now'),
      }),
    )
    .describe('the first of those files, which stay until they are removed by hand'),
  lexiconsUnknown: z
    .boolean()
    .describe(
      'whether nobody answers about the lexicons that it names, so that items with lexicons count as new',
    ),
  audioUnknown: z
    .boolean()
    .describe('whether the console has no STORE to look into, so that all that is paid for counts as there'),
  warnings: z.array(setFileProblemSchema),
});
export type PlanAnswer = z.infer<typeof planAnswerSchema>;

export interface PlanView {
  readonly provider: Provider;
  /** How many items and files are wanted. */
  readonly items: number;
  /** What all sets together cost is theirs to see if they see all sets. */
  readonly caller: Caller;
}

export function planAnswer(
  plan: Plan,
  { provider, items: most, caller }: PlanView,
): Omit<PlanAnswer, 'warnings'> {
  const { items, leftBehind, problem, states: counts, ...others } = plan;
  const { lexiconsUnknown = false, audioUnknown = false, estimatedUsd, listUsd, month, ...rest } = others;
  const shown = items.length <= most ? items : items.filter(({ state }) => state !== 'cached').slice(0, most);
  const removed = leftBehind.filter(({ because }) => because === 'removed').length;
  return {
    ...rest,
    provider,
    itemCount: items.length,
    states: { ...counts },
    sounds: items.filter(({ toPay }) => toPay > 0).length,
    ...(caller.seesAllSets
      ? { estimatedUsd, ...(listUsd && { listUsd }), ...(month && { month }) }
      : { estimatedUsd: listUsd ?? estimatedUsd }),
    ...(problem && { problem: problemFor(caller, problem) }),
    items: [...shown],
    removed,
    renamed: leftBehind.length - removed,
    leftBehind: leftBehind.slice(0, most),
    lexiconsUnknown,
    audioUnknown,
  };
}

/** A plan as the API answers it: counts and sums over everything, and as many items and files as were asked for. */
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
  provider: z.string().describe('which provider would speak'),
  itemCount: z.int(),
  states: z
    .object({ new: z.int(), changed: z.int(), gone: z.int(), anew: z.int(), cached: z.int() })
    .describe(
      'items by state. cached: the sound is already paid for. changed: not paid for, and the last run made another sound under this name. gone: paid for, but missing from the store, so to be paid again. anew: paid for, but to be recorded and paid again',
    ),
  billedCharacters: z.int().describe('characters that would be paid for, each sound once'),
  sounds: z.int().describe('how many sounds would be paid for'),
  estimatedUsd: usd.describe(
    'estimated price; for callers who can see all sets, less what is still free this month',
  ),
  listUsd: usd
    .optional()
    .describe('the price without the free characters, if higher; only for callers who can see all sets'),
  byPollyUsd: usd
    .optional()
    .describe(
      'if the local engine speaks: what Polly would charge for sounds not paid to it yet, at list prices',
    ),
  estimatedSeconds: z.int(),
  budget: z.object({ usd, by: z.enum(['budget', '--max-usd']) }).optional(),
  month: z
    .object({ spentUsd: usd, openUsd: usd, capUsd: usd.optional() })
    .optional()
    .describe(
      'this calendar month (UTC) before this set, if it affects the price; only for callers who can see all sets',
    ),
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
        toPay: z.int().describe('0 if the sound is paid for and in the store, or if an earlier item pays'),
      }),
    )
    .describe('all items, or the first uncached ones if there are more than were asked for'),
  removed: z.int().describe('files of the last run whose items were removed'),
  renamed: z.int().describe('files of the last run whose sounds are renamed'),
  leftBehind: z
    .array(
      z.object({
        index: z.int().describe('in the last run'),
        file: z.string(),
        because: z.enum(['removed', 'renamed']),
        now: z.string().optional().describe('the file that gets its sound'),
      }),
    )
    .describe('the first of these files, which stay until they are removed by hand'),
  lexiconsUnknown: z
    .boolean()
    .describe(
      'whether no dispatcher could be asked about its lexicons, so that items with lexicons count as new',
    ),
  audioUnknown: z
    .boolean()
    .describe('whether the console has no STORE, so that all paid sounds are assumed to be in the store'),
  warnings: z.array(setFileProblemSchema),
});
export type PlanAnswer = z.infer<typeof planAnswerSchema>;

export interface PlanView {
  readonly provider: Provider;
  /** The most items, and the most files, to list. */
  readonly items: number;
  /** Only a caller who sees all sets is shown what all sets cost together. */
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

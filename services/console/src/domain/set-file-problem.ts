/** One thing that is wrong in a set file, as the API says it. */
import { z } from 'zod';
import type { Caller } from '../access/caller.ts';

export const setFileProblemSchema = z.object({
  line: z.int().describe('counts from 1'),
  column: z.int().describe('counts from 1'),
  path: z.string().describe('`items[3].voice-id`; empty for the whole'),
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
});
export type SetFileProblem = z.infer<typeof setFileProblemSchema>;

type Reader = Pick<Caller, 'seesAllSets'>;

/** A problem as a caller may hear it: what all sets together cost is only for who may see all of them. */
export function problemFor<P extends SetFileProblem>({ seesAllSets }: Reader, problem: P): P {
  const message = seesAllSets ? undefined : WITHOUT_AMOUNTS[problem.code];
  return message === undefined ? problem : { ...problem, message };
}

/** The same of all that is said of a refusal. */
export const refusalFor = <T extends { readonly problems?: readonly SetFileProblem[] | undefined }>(
  caller: Reader,
  said: T,
): T =>
  said.problems === undefined
    ? said
    : { ...said, problems: said.problems.map((problem) => problemFor(caller, problem)) };

/** Where a month has free characters, what one set costs follows from what all others took of them. */
const WITHOUT_AMOUNTS: Readonly<Record<string, string>> = {
  budget: 'it costs more than its budget, or --max-usd, allows',
  'monthly-cap': 'it costs more than the month has left for all sets together',
};

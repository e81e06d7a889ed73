/** One problem in a set file, as the API reports it. */
import { z } from 'zod';
import type { Caller } from '../access/caller.ts';

export const setFileProblemSchema = z.object({
  line: z.int().describe('counts from 1'),
  column: z.int().describe('counts from 1'),
  path: z.string().describe('`items[3].voice-id`; empty for the whole file'),
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
});
export type SetFileProblem = z.infer<typeof setFileProblemSchema>;

type Reader = Pick<Caller, 'seesAllSets'>;

/** Hides what all sets cost together from callers who can't see all sets. */
export function problemFor<P extends SetFileProblem>({ seesAllSets }: Reader, problem: P): P {
  const message = seesAllSets ? undefined : WITHOUT_AMOUNTS[problem.code];
  return message === undefined ? problem : { ...problem, message };
}

/** Applies {@link problemFor} to every problem of a refusal. */
export const refusalFor = <T extends { readonly problems?: readonly SetFileProblem[] | undefined }>(
  caller: Reader,
  said: T,
): T =>
  said.problems === undefined
    ? said
    : { ...said, problems: said.problems.map((problem) => problemFor(caller, problem)) };

/** With a monthly free tier, one set's price reveals how much of it the other sets have used. */
const WITHOUT_AMOUNTS: Readonly<Record<string, string>> = {
  budget: 'it costs more than its budget, or --max-usd, allows',
  'monthly-cap': 'it costs more than the month has left for all sets together',
};

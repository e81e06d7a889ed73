/** One thing that is wrong in a set file, as the API says it. */
import { z } from 'zod';

export const setFileProblemSchema = z.object({
  line: z.int().describe('counts from 1'),
  column: z.int().describe('counts from 1'),
  path: z.string().describe('`items[3].voice-id`; empty for the whole'),
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
});
export type SetFileProblem = z.infer<typeof setFileProblemSchema>;

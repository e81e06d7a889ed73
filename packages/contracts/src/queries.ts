/** Questions that services ask each other by request and reply. */
import { z } from 'zod';
import { PROVIDERS, sha256Hex } from './sound.ts';

/**
 * The digests of the lexicons that a set names. Ingest asks a dispatcher for them, as do the plans of the command line
 * and the console: only dispatchers call Polly.
 */
export const lexiconQuestion = z.object({ provider: z.enum(PROVIDERS), names: z.array(z.string()).max(100) });
export type LexiconQuestion = z.infer<typeof lexiconQuestion>;

/** A lexicon that does not exist has no digest. */
export const lexiconAnswer = z.object({
  digests: z.record(z.string(), sha256Hex),
  error: z.string().optional(),
});
export type LexiconAnswer = z.infer<typeof lexiconAnswer>;

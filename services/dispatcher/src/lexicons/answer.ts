/** Answers questions about the digests of lexicons, from ingest and from plans: only dispatchers call Polly. */
import { type LexiconAnswer, lexiconQuestion } from '@setlist/contracts';
import { CallFailed, isUnexpected } from '../adapters/failures.ts';
import type { Lexicons } from './lexicons.ts';

export async function answerLexicons(
  question: unknown,
  lexicons: Pick<Lexicons, 'asked'>,
): Promise<LexiconAnswer> {
  const { names } = lexiconQuestion.parse(question);
  const digests: Record<string, string> = {};
  try {
    for (const name of names) {
      const digest = await lexicons.asked(name);
      if (digest !== undefined) digests[name] = digest;
    }
    return { digests };
  } catch (error) {
    if (error instanceof CallFailed) return { digests: {}, error: error.message };
    if (isUnexpected(error)) throw error;
    return { digests: {}, error: 'the dispatcher that was asked is being stopped' };
  }
}

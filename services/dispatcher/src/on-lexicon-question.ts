/** Answers what stands in lexicons: ingest asks at the door, and only dispatchers call the provider. */
import { type LexiconAnswer, lexiconQuestion, type Provider } from '@setlist/contracts';
import { CallFailed } from './adapters/failures.ts';
import type { SpeechProvider } from './adapters/polly-speech.ts';

export async function answerLexicons(
  question: unknown,
  providerOf: (provider: Provider) => SpeechProvider | undefined,
): Promise<LexiconAnswer> {
  const { provider, names } = lexiconQuestion.parse(question);
  const speech = providerOf(provider);
  if (!speech) return { digests: {}, error: `no dispatcher here serves the provider ${provider}` };
  const digests: Record<string, string> = {};
  try {
    for (const name of names) {
      const digest = await speech.lexiconDigest(name);
      if (digest !== undefined) digests[name] = digest;
    }
    return { digests };
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    return { digests: {}, error: error.message };
  }
}

import { expect, test } from 'vitest';
import { answerLexicons } from './answer.ts';

test('a question interrupted by a stop still gets an answer, so that ingest asks again', async () => {
  const stop = AbortSignal.abort();
  const asked = () => Promise.reject(stop.reason);
  const answer = await answerLexicons({ provider: 'local', names: ['one'] }, { asked });
  expect(answer).toEqual({ digests: {}, error: 'the dispatcher that was asked is being stopped' });
});

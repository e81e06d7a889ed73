import { expect, test } from 'vitest';
import { answerLexicons } from './answer.ts';

test('a question that a stop breaks off is answered: whoever asked asks again', async () => {
  const stop = AbortSignal.abort();
  const asked = () => Promise.reject(stop.reason);
  const answer = await answerLexicons({ provider: 'local', names: ['one'] }, { asked });
  expect(answer).toEqual({ digests: {}, error: 'the dispatcher that was asked is being stopped' });
});

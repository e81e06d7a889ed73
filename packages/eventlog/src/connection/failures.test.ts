import { NatsError } from 'nats';
import { expect, test } from 'vitest';
import { untilAnswered } from './connection.ts';

test.each([
  [400, 10_164],
  [409, 10_158],
])('a write is tried again while the broker stores another one: error %i %i', async (code, err_code) => {
  const busy = new NatsError('in process', String(code));
  busy.api_error = { code, err_code, description: 'in process' };
  let tries = 0;
  const answer = await untilAnswered(async () => {
    if (++tries === 1) throw busy;
    return 'stored';
  });
  expect(answer).toBe('stored');
});

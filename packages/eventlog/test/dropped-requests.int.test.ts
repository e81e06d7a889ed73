/** Requests that the client forgets when it loses its connection. */
import { startNats } from '@setlist/testkit';
import { connect } from 'nats';
import { expect, test } from 'vitest';
import { failingIfDropped } from '../src/connection/dropped-requests.ts';

/** Far more than a test may take. */
const UNANSWERED_MS = 600_000;

test('what was asked before or during an outage fails once the broker is back, and what is asked then is answered', async () => {
  await using nats = await startNats();
  const nc = await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  await using _ = { [Symbol.asyncDispose]: () => nc.close() };
  nc.subscribe('silent', { callback: () => undefined });
  nc.subscribe('echo', { callback: (_failure, question) => void question.respond(question.data) });
  const asked = failingIfDropped(nc);
  const ask = (subject: string) => asked.request(subject, 'hello', { timeout: UNANSWERED_MS });
  const before = ask('silent');
  await nc.flush();
  await nats.kill9();
  const during = ask('silent');
  const failed = Promise.allSettled([before, during]);
  await nats.restart();
  const dropped = { status: 'rejected', reason: { code: 'DISCONNECT' } };
  expect(await failed).toMatchObject([dropped, dropped]);
  expect((await ask('echo')).string()).toBe('hello');
});

import { expect, test } from 'vitest';
import { outcomeOf, outcomeOfFailure } from './outcome-of.ts';
import { TargetNotAllowed } from './target-policy.ts';

const NOW = new Date('2026-11-22T21:00:00Z');
const after = (status: number, retryAfter?: string, text = '') =>
  outcomeOf({ status, retryAfter, text }, 'webhook', NOW);

test.each([
  [200, 'sent'],
  [202, 'sent'],
  [204, 'sent'],
  [301, 'refused'],
  [307, 'refused'],
  [400, 'later'],
  [401, 'down'],
  [403, 'down'],
  [404, 'down'],
  [408, 'later'],
  [409, 'later'],
  [410, 'refused'],
  [413, 'refused'],
  [423, 'later'],
  [425, 'later'],
  [429, 'down'],
  [500, 'later'],
  [501, 'later'],
  [502, 'down'],
  [503, 'down'],
  [504, 'down'],
])('%i: %s', (status, kind) => {
  expect(after(status).kind).toBe(kind);
});

test.each([
  [400, 'refused'],
  [401, 'down'],
  [403, 'down'],
  [404, 'down'],
  [409, 'later'],
  [410, 'refused'],
])('%i of a chat: %s', (status, kind) => {
  expect(outcomeOf({ status, retryAfter: undefined, text: '' }, 'chat', NOW).kind).toBe(kind);
});

test.each([
  ['30', 30_000],
  ['0.25', 250],
  ['Sun, 22 Nov 2026 21:02:00 GMT', 120_000],
  ['86400', 3_600_000],
  ['Wed, 22 Nov 2028 21:02:00 GMT', 3_600_000],
  ['Sun, 22 Nov 2026 20:00:00 GMT', undefined],
  ['0', undefined],
  ['-5', undefined],
  ['soon', undefined],
])('Retry-After: %s is heeded as %s ms', (header, retryAfterMs) => {
  for (const status of [429, 503, 500, 403]) {
    expect((after(status, header) as { retryAfterMs?: number }).retryAfterMs).toBe(retryAfterMs);
  }
});

test('what the other side says is passed on short, on one line, without addresses or tokens', () => {
  const said = `no_service\r\nfor jane@example.com at https://x.example/?token=abc123\u0007 ${'x'.repeat(500)}`;
  const outcome = after(410, undefined, said);
  if (outcome.kind !== 'refused') throw new Error(outcome.kind);
  expect(outcome.reason.message).toMatch(
    /^The other side refused it: HTTP 410, no_service for j\*\*\*@example\.com at https:\/\/x\.example\/\?token=\*\*\*/,
  );
  expect(outcome.reason.message.length).toBeLessThan(300);
});

test('no answer lets the channel rest; an address that is not allowed is refused for good', () => {
  expect(outcomeOfFailure(new Error('connect ECONNREFUSED'))).toMatchObject({
    kind: 'down',
    reason: { code: 'http-unreachable', message: 'The other side does not answer: connect ECONNREFUSED' },
  });
  expect(outcomeOfFailure(new TargetNotAllowed('hooks.example is 10.0.0.1'))).toMatchObject({
    kind: 'refused',
    reason: { code: 'target-not-allowed', remedy: expect.stringContaining('WEBHOOK_NETWORKS') },
  });
});

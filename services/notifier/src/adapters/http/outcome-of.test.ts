import { expect, test } from 'vitest';
import { type Asked, outcomeOf, outcomeOfFailure } from './outcome-of.ts';
import { TargetNotAllowed } from './target-policy.ts';

const NOW = new Date('2026-11-22T21:00:00Z');
const HOOK: Asked = {
  kind: 'webhook',
  url: new URL('https://user:pa55word@hooks.example/services/T0/B0/s3cret%2Dpath?sig=s3cret%2Fsig&v=2'),
  secrets: ['whsec_s3cret'],
};
const after = (status: number, retryAfter?: string, text = '') =>
  outcomeOf({ status, retryAfter, text }, HOOK, NOW);

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
  expect(outcomeOf({ status, retryAfter: undefined, text: '' }, { ...HOOK, kind: 'chat' }, NOW).kind).toBe(
    kind,
  );
});

test('an address that is gone for good is to be corrected, or its channel removed', () => {
  expect(after(410)).toMatchObject({ reason: { remedy: expect.stringContaining('Remove the channel') } });
  expect(after(413)).toMatchObject({ reason: { remedy: expect.not.stringContaining('Remove') } });
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

test('the reply’s text is passed on short, on one line, without addresses or tokens', () => {
  const said = `no_service\r\nfor jane@example.com at https://x.example/?token=abc123\u0007 ${'x'.repeat(500)}`;
  const outcome = after(410, undefined, said);
  if (outcome.kind !== 'refused') throw new Error(outcome.kind);
  expect(outcome.reason.message).toMatch(
    /^The other side refused it: HTTP 410, no_service for j\*\*\*@example\.com at https:\/\/x\.example\/\?token=\*\*\*/,
  );
  expect(outcome.reason.message.length).toBeLessThan(300);
});

test.each([
  ['as it was sent', `Cannot POST ${HOOK.url.pathname}${HOOK.url.search}.`, 'Cannot POST ***.'],
  ['without its query', `no ${HOOK.url.pathname} here`, 'no *** here'],
  ['as an address', `${HOOK.url.href} is gone`, '*** is gone'],
  ['decoded', 'no /services/T0/B0/s3cret-path?sig=s3cret/sig&v=2 here', 'no *** here'],
  ['as HTML', '<b>/x/s3cret%2Dpath?sig=s3cret%2Fsig&amp;v=2</b>', '<b>/x/***?sig=***&amp;v=2</b>'],
  ['as JSON', '{"path":"\\/T0\\/B0\\/s3cret-path"}', '{"path":"\\/T0\\/B0\\/***"}'],
  ['with what signs it', 'user and pa55word and whsec_s3cret?', 'user and *** and ***?'],
])('a secret that the answer repeats %s is masked', (_, said, passedOn) => {
  const outcomes = [after(410, undefined, said), outcomeOfFailure(new Error(said), HOOK)];
  for (const outcome of outcomes) {
    expect(JSON.stringify(outcome)).not.toMatch(/s3cret|pa55/);
    expect(outcome).toMatchObject({ reason: { message: expect.stringContaining(passedOn) } });
  }
});

test('without an answer the channel rests; an address that is not allowed is refused for good', () => {
  expect(outcomeOfFailure(new Error('connect ECONNREFUSED'), HOOK)).toMatchObject({
    kind: 'down',
    reason: { code: 'http-unreachable', message: 'The other side does not answer: connect ECONNREFUSED' },
  });
  expect(outcomeOfFailure(new TargetNotAllowed('hooks.example is 10.0.0.1'), HOOK)).toMatchObject({
    kind: 'refused',
    reason: { code: 'target-not-allowed', remedy: expect.stringContaining('WEBHOOK_NETWORKS') },
  });
});

test.each([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'NODE_EXTRA_CA_CERTS'],
  ['CERT_HAS_EXPIRED', 'valid today'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'for this name'],
  ['EPROTO', 'https://'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'https://'],
  ['ECONNREFUSED', 'the other side runs'],
])('the remedy for %s says: %s', (code, named) => {
  expect(outcomeOfFailure(Object.assign(new Error('it failed'), { code }), HOOK)).toMatchObject({
    kind: 'down',
    reason: { code: 'http-unreachable', remedy: expect.stringContaining(named) },
  });
});

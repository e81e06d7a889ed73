import { expect, test } from 'vitest';
import { smtpFailure } from './smtp-failures.ts';

const failureOf = (message: string, traits: object) => smtpFailure(Object.assign(new Error(message), traits));
const reply = (code: string, response: string) => ({
  code,
  response,
  responseCode: Number.parseInt(response, 10),
  permanent: response.startsWith('5') && !response.startsWith('503'),
});

test.each([
  ['refused', 'smtp-550', reply('EENVELOPE', '550 5.1.1 No such user')],
  ['refused', 'smtp-554', reply('EMESSAGE', '554 Looks like spam')],
  ['refused', 'smtp-invalid', { code: 'EENVELOPE' }],
  ['down', 'smtp-limit', reply('EMESSAGE', '550 5.4.5 Daily user sending limit exceeded')],
  [
    'down',
    'smtp-limit',
    reply('EENVELOPE', '550-5.4.5 Daily user sending limit exceeded.\r\n550 5.4.5 Later'),
  ],
  ['refused', 'smtp-554', reply('EMESSAGE', '554 No, unlike 550 5.4.5')],
  ['later', 'smtp-451', reply('EENVELOPE', '451 Greylisted')],
  ['later', 'smtp-452', reply('EMESSAGE', '452 Mailbox full')],
  ['later', 'smtp-503', reply('EENVELOPE', '503 Bad sequence')],
  ['down', 'smtp-unreachable', reply('EMESSAGE', '421 Shutting down')],
  ['down', 'smtp-unreachable', reply('EPROTOCOL', '554 No SMTP service here')],
  ['down', 'smtp-unreachable', { code: 'ESOCKET', originalCode: 'ECONNREFUSED' }],
  ['down', 'smtp-unreachable', { code: 'ETIMEDOUT' }],
  ['down', 'smtp-unreachable', { code: 'EDNS' }],
  ['down', 'smtp-login', reply('EAUTH', '535 Authentication failed')],
  ['down', 'smtp-login', reply('EENVELOPE', '530 5.7.0 Authentication required')],
  ['down', 'smtp-login', reply('EENVELOPE', '534 5.7.9 Application-specific password required')],
  ['down', 'smtp-login', reply('EENVELOPE', '535 5.7.3 Authentication unsuccessful')],
  ['down', 'smtp-tls', reply('EENVELOPE', '530 5.7.0 Must issue a STARTTLS command first')],
  ['down', 'smtp-tls', reply('EMESSAGE', '538 5.7.11 Encryption required for this login')],
  ['refused', 'smtp-552', reply('EMESSAGE', '552 5.7.0 This content presents a security issue')],
  ['down', 'smtp-tls', { code: 'ETLS' }],
  ['down', 'smtp-tls', { code: 'ESOCKET', originalCode: 'ERR_SSL_WRONG_VERSION_NUMBER' }],
  ['down', 'smtp-tls', { code: 'ESOCKET', originalCode: 'ERR_TLS_CERT_ALTNAME_INVALID' }],
  ['down', 'smtp-tls', { code: 'ESOCKET', originalCode: 'CERT_HAS_EXPIRED' }],
  ['down', 'smtp-tls', { code: 'ESOCKET', originalCode: 'EPROTO' }],
  ['down', 'smtp-tls', { code: 'ESOCKET', originalCode: 'DEPTH_ZERO_SELF_SIGNED_CERT' }],
  ['down', 'smtp-unreachable', {}],
])('%s (%s): %o', (kind, code, traits) => {
  expect(failureOf('it failed', traits)).toMatchObject({ kind, reason: { code } });
});

test.each([
  ['the sending limit of the account', reply('EMESSAGE', '550 5.4.5 Daily user sending limit exceeded')],
  ['NODE_EXTRA_CA_CERTS', { code: 'ESOCKET', originalCode: 'DEPTH_ZERO_SELF_SIGNED_CERT' }],
  ['smtps:// on 465', { code: 'ESOCKET', originalCode: 'CERT_HAS_EXPIRED' }],
  ['port 465, begin it with smtps://', { code: 'ETIMEDOUT', timeoutType: 'GREETING_TIMEOUT' }],
])('the remedy names %s: %o', (named, traits) => {
  expect(failureOf('it failed', traits).reason.remedy).toContain(named);
});

test('a server’s answer is passed on without the address in it', () => {
  const { reason } = failureOf(
    'Mail failed',
    reply('EENVELOPE', '550 5.1.1 <jane@example.com>:\r\n unknown'),
  );
  expect(reason.message).toBe('The mail server refused it: 550 5.1.1 <j***@example.com>: unknown');
});

test('escape sequences in a server’s answer are removed', () => {
  const { reason } = failureOf('Mail failed', reply('EENVELOPE', '550 \u001b[2Jno such user'));
  expect(reason.message).toBe('The mail server refused it: 550 \ufffd[2Jno such user');
});

test('an empty message still gives a reason', () => {
  expect(failureOf('', {}).reason.message).toBe('The mail server does not accept mail now: unknown');
});

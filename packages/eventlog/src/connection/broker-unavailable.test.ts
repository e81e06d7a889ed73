import { expect, test } from 'vitest';
import { unreachable } from './broker-unavailable.ts';

const SERVERS = ['tls://one:4222', 'tls://two:4222'];
const coded = (code: string): Error => Object.assign(new Error('self-signed certificate'), { code });

test.each([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])('a broker with an untrusted certificate (%s) is distinguished from an unreachable one', (code) => {
  const { message, remedy, cause } = unreachable(SERVERS, coded(code));
  expect(message).toBe("the broker's certificate is not trusted: self-signed certificate");
  expect(remedy).toContain('NATS_CA');
  expect(remedy).toContain('(now tls://one:4222,tls://two:4222)');
  expect(cause).toMatchObject({ code });
});

test.each([coded('ENOTFOUND'), coded('CONNECTION_REFUSED'), new Error('closed'), undefined])(
  'after %s, which means an unreachable broker, the remedy is to start it',
  (cause) => {
    const { message, remedy } = unreachable(SERVERS, cause);
    expect(message).toBe('the broker cannot be reached');
    expect(remedy).toMatch(/^Start the broker.*\(now tls:\/\/one:4222,tls:\/\/two:4222\)/);
  },
);

/** Whether the provider failed, or the network on the way to it. */
import { expect, test } from 'vitest';
import { classify } from '../domain/classify.ts';
import { providerFailure } from './failures.ts';

const thrown = (name: string, more: object = {}): Error =>
  Object.assign(new Error(`it was ${name}`), { name, ...more });

test.each([
  thrown('Error', { code: 'EAI_AGAIN' }),
  thrown('Error', { code: 'ENOTFOUND' }),
  thrown('Error', { code: 'HPE_INVALID_CONSTANT' }),
  thrown('TimeoutError'),
  thrown('Error', { code: 'CERT_NOT_YET_VALID' }),
])('a call without an answer counts as a network failure and is retried: $name $code', (error) => {
  const failure = providerFailure(error);
  expect(failure.from).toBe('network');
  expect(classify(failure, 0).kind).toBe('retry');
});

test.each([
  ['SELF_SIGNED_CERT_IN_CHAIN', 'NODE_EXTRA_CA_CERTS'],
  ['CERT_HAS_EXPIRED', 'valid today'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'for this name'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'https://'],
])('a connection that can’t be made secure is tried again, and the remedy for %s says: %s', (code, named) => {
  const failure = providerFailure(thrown('Error', { code }));
  const reason = { remedy: expect.stringContaining(named) };
  expect(classify(failure, 0)).toMatchObject({ kind: 'retry', reason });
});

test('an answer with a status is the provider’s own error', () => {
  const error = thrown('InvalidSsmlException', { $metadata: { httpStatusCode: 400 } });
  expect(providerFailure(error)).toMatchObject({
    from: 'provider',
    code: 'InvalidSsmlException',
    status: 400,
  });
});

test.each([
  ['CredentialsProviderError', /credentials.* Restart it, then/],
  ['EndpointError', /AWS_USE_FIPS_ENDPOINT.* Restart what calls Polly/],
])('what the SDK refuses to send is not retried: %s', (name, remedy) => {
  const failure = providerFailure(thrown(name));
  expect(failure.from).toBe('provider');
  expect(classify(failure, 0)).toMatchObject({
    kind: 'fail',
    reason: { remedy: expect.stringMatching(remedy) },
  });
});

test('what passes by itself before anything is sent is retried without a restart', () => {
  for (const name of ['CredentialsProviderError', 'TokenProviderError']) {
    const failure = providerFailure(thrown(name), { credentialsMayComeBack: true });
    expect(classify(failure, 0)).toMatchObject({
      kind: 'retry',
      throttled: false,
      reason: { code: name, remedy: expect.stringContaining('without a restart') },
    });
  }
  const away = thrown('IDPCommunicationErrorException', { $metadata: { httpStatusCode: 400 } });
  expect(classify(providerFailure(away), 0).kind).toBe('retry');
});

test('a call whose audio breaks off was begun, and so most likely billed', () => {
  const error = thrown('Error', { code: 'ECONNRESET' });
  expect(providerFailure(error, { replyBegan: true })).toMatchObject({
    from: 'network',
    code: 'ECONNRESET',
    begun: true,
  });
});

/** What failures mean that come before anything is sent to S3. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { s3Error } from './errors.ts';

const thrown = (more: object): Error => Object.assign(new Error('it was so'), more);

test.each([
  ['SELF_SIGNED_CERT_IN_CHAIN', 'NODE_EXTRA_CA_CERTS'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'NODE_EXTRA_CA_CERTS'],
  ['CERT_HAS_EXPIRED', 'valid today'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'for this name'],
  ['EPROTO', 'https://'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'https://'],
])('a connection that can’t be made secure is waited out, and the remedy for %s says: %s', (code, named) => {
  const error = s3Error(thrown({ code }), 'Cannot write s3://out/a.mp3');
  expect(error).toMatchObject({ code: 'unavailable', retryable: true });
  expect(error.remedy).toContain(named);
});

test('missing credentials are refused, unless the agent of the container, which may be starting, hands them out', () => {
  vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', '');
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const role of ['', '/v2/credentials']) {
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', role);
    for (const name of ['CredentialsProviderError', 'TokenProviderError']) {
      const { code, remedy } = s3Error(thrown({ name }), 'Cannot write s3://out/a.mp3');
      expect([role, name, code]).toEqual([role, name, role === '' ? 'denied' : 'unavailable']);
      expect(remedy).toContain(role === '' ? 'Renew the credentials' : 'agent');
    }
  }
  const away = thrown({ name: 'IDPCommunicationErrorException', $metadata: { httpStatusCode: 400 } });
  expect(s3Error(away, 'Cannot write s3://out/a.mp3').code).toBe('unavailable');
});

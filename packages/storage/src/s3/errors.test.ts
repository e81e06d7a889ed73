/** What failures mean that come before anything is sent to S3. */
import { expect, test } from 'vitest';
import { s3Error } from './errors.ts';

const thrown = (more: object): Error => Object.assign(new Error('it was so'), more);

test('a certificate that is not trusted, as of a proxy that inspects TLS, is waited out, and the remedy says how to trust it', () => {
  for (const code of ['SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY']) {
    const error = s3Error(thrown({ code }), 'Cannot write s3://out/a.mp3');
    expect(error).toMatchObject({ code: 'unavailable', retryable: true });
    expect(error.remedy).toContain('NODE_EXTRA_CA_CERTS');
  }
});

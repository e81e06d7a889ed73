import { SNSServiceException } from '@aws-sdk/client-sns';
import { expect, test } from 'vitest';
import { snsFailure } from './sns-channel.ts';

const answered = (name: string, httpStatusCode: number) =>
  new SNSServiceException({ name, $fault: 'client', $metadata: { httpStatusCode }, message: 'it said so' });

test.each([
  ['refused', 'sns-invalidparameter', answered('InvalidParameterException', 400)],
  ['down', 'sns-notfound', answered('NotFoundException', 404)],
  ['down', 'sns-authorization', answered('AuthorizationErrorException', 403)],
  ['down', 'sns-kmsaccessdenied', answered('KMSAccessDeniedException', 400)],
  ['down', 'sns-kmsdisabled', answered('KMSDisabledException', 400)],
  ['down', 'sns-throttled', answered('ThrottledException', 429)],
  ['down', 'sns-throttling', answered('ThrottlingException', 400)],
  ['down', 'sns-kmsthrottling', answered('KMSThrottlingException', 400)],
  ['down', 'sns-expiredtoken', answered('ExpiredTokenException', 403)],
  ['down', 'sns-invalidclienttokenid', answered('InvalidClientTokenId', 403)],
  ['down', 'sns-internal', answered('InternalErrorException', 500)],
  ['down', 'sns-unreachable', new Error('connect ECONNREFUSED 127.0.0.1:1')],
  [
    'down',
    'sns-credentialsprovider',
    Object.assign(new Error('no credentials'), { name: 'CredentialsProviderError' }),
  ],
])('%s (%s): %o', (kind, code, error) => {
  expect(snsFailure(error)).toMatchObject({ kind, reason: { code, remedy: expect.stringMatching(/\.$/) } });
});

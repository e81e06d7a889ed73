import { SNSServiceException } from '@aws-sdk/client-sns';
import { expect, test } from 'vitest';
import { snsFailure } from './sns-channel.ts';

const answered = (name: string, httpStatusCode: number) =>
  new SNSServiceException({ name, $fault: 'client', $metadata: { httpStatusCode }, message: 'it said so' });
/** As the SDK throws it when STS does not give it a role's credentials. */
const answeredBySts = (name: string) =>
  Object.assign(new Error('it said so'), { name, $fault: 'client', $metadata: { httpStatusCode: 400 } });
const outcomeOf = (error: Error) => snsFailure(error, error instanceof SNSServiceException);

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
  ['down', 'sns-idpcommunication', answeredBySts('IDPCommunicationErrorException')],
  ['down', 'sns-invalididentitytoken', answeredBySts('InvalidIdentityTokenException')],
  ['down', 'sns-validation', answeredBySts('ValidationError')],
  [
    'down',
    'sns-credentialsprovider',
    Object.assign(new Error('no credentials'), { name: 'CredentialsProviderError' }),
  ],
])('%s (%s): %o', (kind, code, error) => {
  expect(outcomeOf(error)).toMatchObject({
    kind,
    reason: {
      code,
      remedy: expect.stringMatching(kind === 'down' ? /credentials or role.*\.$/ : /the message.*\.$/),
    },
  });
});

test.each([
  ['SELF_SIGNED_CERT_IN_CHAIN', 'NODE_EXTRA_CA_CERTS'],
  ['CERT_HAS_EXPIRED', 'valid today'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'for this name'],
  ['EPROTO', 'https://'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'https://'],
  ['ECONNREFUSED', 'AWS answers'],
])('the remedy for %s says: %s', (code, named) => {
  expect(outcomeOf(Object.assign(new Error('it failed'), { code }))).toMatchObject({
    kind: 'down',
    reason: { remedy: expect.stringContaining(named) },
  });
});

test('AWS’s answer is passed on without account, role and session', () => {
  const said =
    'User: arn:aws:sts::123456789012:assumed-role/notifier/i-0abc is not authorized to perform: SNS:Publish on resource: arn:aws:sns:eu-central-1:123456789012:setlist (key arn:aws:kms:eu-central-1:123456789012:key/11-22)';
  const denied = {
    name: 'AuthorizationErrorException',
    $fault: 'client',
    $metadata: { httpStatusCode: 403 },
  } as const;
  expect(outcomeOf(new SNSServiceException({ ...denied, message: said }))).toMatchObject({
    reason: {
      message:
        'SNS does not accept it now: User: arn:aws:sts::***:assumed-role/*** is not authorized to perform: SNS:Publish on resource: arn:aws:sns:eu-central-1:***:setlist (key arn:aws:kms:eu-central-1:***:key/***)',
    },
  });
});

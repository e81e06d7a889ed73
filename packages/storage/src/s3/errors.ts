/** The one table from the errors of S3, the SDK and the network to ours. */
import { hasContainerRole, tlsRemedy } from '@setlist/runtime';
import { StoreError, type StoreErrorCode } from '../store-error.ts';

type Meaning = readonly [code: StoreErrorCode, remedy: string];

const NOT_FOUND: Meaning = ['not-found', 'Check the key, and whether the object was removed.'];
const DENIED: Meaning = [
  'denied',
  'Allow s3:GetObject, s3:PutObject and s3:DeleteObject on the objects, and s3:ListBucket on the bucket.',
];
const CREDENTIALS: Meaning = [
  'denied',
  'Renew the credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile (AWS_PROFILE), or the role of this machine.',
];
/** The agent may be starting, and hand them out later. */
const CREDENTIALS_TO_COME: Meaning = [
  'unavailable',
  'Check the agent that hands out the credentials of this container; the same call may then succeed.',
];
/** A refusal without a body, as to HEAD: S3 answers an expired token with it, and some requests for another region. */
const BAD_REQUEST: Meaning = [
  'denied',
  `${CREDENTIALS[1]} If they are valid, set S3_REGION to the region of the bucket.`,
];
/** S3 calls this forbidden, but no right would help. */
const ARCHIVED: Meaning = [
  'denied',
  'The object is archived: restore it, and take the prefix out of the lifecycle rule that archives.',
];
const NO_BUCKET: Meaning = ['unavailable', 'Create the bucket, or correct its name.'];
/** A 404 of a proxy or another service: only S3's own error code says that an object is missing. */
const NOTHING_THERE: Meaning = [
  'unavailable',
  'Check the endpoint, the name of the bucket, and S3_FORCE_PATH_STYLE: the server there does not know this bucket.',
];
const NOT_SUPPORTED: Meaning = [
  'denied',
  'Leave out S3_TAGS, S3_ENCRYPTION and S3_KMS_KEY_ID if they are set: the store does not support part of the request.',
];
const LATER: Meaning = ['unavailable', 'Check the network and the endpoint; the same call may then succeed.'];
const INSECURE =
  'Check that the endpoint speaks https://, and that its certificate is for this name and valid today; the same call may then succeed.';
const FULL: Meaning = ['full', 'Free some space, or raise the quota of the bucket.'];

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, and what the SDK itself throws. */
const BY_NAME: Readonly<Record<string, Meaning>> = {
  NoSuchKey: NOT_FOUND,
  NoSuchBucket: NO_BUCKET,
  AccessDenied: DENIED,
  AllAccessDisabled: DENIED,
  InvalidObjectState: ARCHIVED,
  ObjectNotInActiveTierError: ARCHIVED,
  ExpiredToken: CREDENTIALS,
  InvalidAccessKeyId: CREDENTIALS,
  InvalidToken: CREDENTIALS,
  SignatureDoesNotMatch: CREDENTIALS,
  TokenRefreshRequired: CREDENTIALS,
  RequestTimeTooSkewed: ['denied', 'Correct the clock of this machine.'],
  KeyTooLongError: ['invalid-key', 'Shorten the prefix or the file name.'],
  PreconditionFailed: [
    'unavailable',
    'Do nothing: the object was replaced in the meantime; the same call may then succeed.',
  ],
  ConditionalRequestConflict: LATER,
  IDPCommunicationErrorException: LATER,
  QuotaExceeded: FULL,
  RequestTimeout: LATER,
  SlowDown: LATER,
  TimeoutError: LATER,
};

const NETWORK = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ERR_PROXY_TUNNEL',
  'ETIMEDOUT',
]);

/** What a failed call means. `doing` says what failed and where: `Cannot write s3://out/a.mp3`. */
export function s3Error(error: unknown, doing: string): StoreError {
  if (error instanceof StoreError) return error;
  const [code, remedy] = meaningOf(error);
  return new StoreError(code, `${doing}: ${describe(error)}`, { remedy, cause: error });
}

/** For an object that is missing although no answer of S3 says `NoSuchKey`. */
export const absentError = (bucket: string, key: string): StoreError =>
  new StoreError('not-found', `There is no object s3://${bucket}/${key}.`, { remedy: NOT_FOUND[1] });

function meaningOf(error: unknown): Meaning {
  if (!(error instanceof Error)) return unknownMeaning();
  if (isNotImplemented(error)) return NOT_SUPPORTED;
  if (/^(Credentials|Token)ProviderError$/.test(error.name))
    return hasContainerRole() ? CREDENTIALS_TO_COME : CREDENTIALS;
  if (error.name === 'Unknown' && statusOf(error) === 400) return BAD_REQUEST;
  return BY_NAME[error.name] ?? byStatus(statusOf(error)) ?? byMessage(error) ?? unknownMeaning();
}

/** For answers to HEAD, which have no body, and for stores with error codes of their own: only the status is known. */
function byStatus(status: number | undefined): Meaning | undefined {
  if (status === undefined || status < 300) return undefined;
  if (status === 404) return NOTHING_THERE;
  if (status === 401 || status === 403) return DENIED;
  if (status === 507) return FULL;
  if (status === 408 || status === 429 || status >= 500) return LATER;
  return undefined;
}

/** For failures below HTTP or while a body is being read, which are plain errors. */
function byMessage(error: Error): Meaning | undefined {
  if ('code' in error && typeof error.code === 'string' && NETWORK.has(error.code)) return LATER;
  const insecure = 'code' in error && tlsRemedy(error.code, INSECURE);
  if (insecure) return ['unavailable', insecure];
  if (/^aborted$|socket hang up|checksum mismatch/i.test(error.message)) return LATER;
  if (error.message === 'Region is missing')
    return ['unknown', 'Set AWS_REGION to the region of the bucket.'];
  return undefined;
}

function unknownMeaning(): Meaning {
  return [
    'unknown',
    'Run `setlist doctor`; if the bucket is in order, please report this as a fault in Setlist.',
  ];
}

/** Whether a store that speaks S3's API says that it does not support part of a request. */
export const isNotImplemented = (error: unknown): boolean =>
  statusOf(error) === 501 || (error instanceof Error && error.name === 'NotImplemented');

/** The HTTP status that S3 answered with, if it answered. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const status = statusOf(error);
  // What the SDK says if S3 sent no message.
  if (status !== undefined && (error.message === '' || error.message === 'UnknownError')) {
    return `the answer was HTTP ${status}.`;
  }
  return error.message === '' ? error.name : error.message;
}

/** Turns whatever an SDK, the network or a store throws into a failure that `classify` can decide on. */
import type { Reason } from '@setlist/contracts';
import { tlsRemedy } from '@setlist/runtime';
import { AudioUnusable } from '@setlist/sounds';
import { StoreError } from '@setlist/storage';
import type { Failure } from '../domain/classify.ts';

/** A failure as an exception, with its cause. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';
  readonly failure: Failure;
  constructor(failure: Failure, cause?: unknown) {
    super(failure.message, { cause });
    this.failure = failure;
  }
  get code(): string {
    return this.failure.code;
  }
  get remedy(): string | undefined {
    return this.failure.remedy;
  }
}

/** A stop and an unavailable broker are expected; anything else that gets this far up is our bug. */
export const isUnexpected = (error: unknown): boolean =>
  !(error instanceof Error && (error.name === 'AbortError' || error.name === 'BrokerUnavailable'));

/** What users are told about a bug of ours. */
export const internalError = (error: unknown): Reason => ({
  code: 'internal-error',
  message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
  remedy: 'This is a bug in Setlist: please report it with the dispatcher’s log.',
});

interface SdkError {
  readonly name: string;
  readonly message: string;
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean };
  readonly $response?: { readonly statusCode?: number };
}

const isSdkError = (error: unknown): error is SdkError => error instanceof Error;

const NO_CREDENTIALS =
  'Give credentials to whatever calls Polly ("setlist run", "setlist up" or a dispatcher): with "aws configure", AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role. Restart it, then run the file again or retry the set.';

const NO_CREDENTIALS_NOW = {
  retryable: true,
  remedy:
    'Check what hands out the credentials: the agent of this container or machine, or the session of "aws sso login". The item is retried automatically, without a restart.',
} as const satisfies Partial<Failure>;

/** Errors that the SDK raises before it sends anything, and what helps where a retry can't. */
const NOTHING_SENT: ReadonlyMap<string, string> = new Map([
  ['CredentialsProviderError', NO_CREDENTIALS],
  ['TokenProviderError', NO_CREDENTIALS],
  [
    'EndpointError',
    'Check the region and, in the environment and the AWS profile, AWS_USE_DUALSTACK_ENDPOINT, AWS_USE_FIPS_ENDPOINT and AWS_ENDPOINT_URL. Restart what calls Polly ("setlist run", "setlist up" or a dispatcher), then run the file again or retry the set.',
  ],
]);

/** Whether it was raised before anything was sent. */
export const isUnsent = (error: unknown): boolean => isSdkError(error) && NOTHING_SENT.has(error.name);

/**
 * STS could not ask whoever issues a role's tokens, which it documents as transient:
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 */
const ISSUER_AWAY = 'IDPCommunicationErrorException';

/**
 * Whether the time of the signature was refused, and the SDK will sign by the provider's clock from now on. While the
 * clocks differ, it marks every error as corrected.
 */
const isClockCorrected = ({ name, message, $metadata }: SdkError): boolean =>
  $metadata?.clockSkewCorrected === true &&
  (name === 'RequestExpired' || /^signature (expired|not yet current)/i.test(message));

const CLOCK_CORRECTED = {
  retryable: true,
  remedy:
    'Correct the clock of the dispatcher’s machine. Meanwhile the provider’s clock is used, and the item is retried.',
} as const satisfies Partial<Failure>;

/** The SDK gives its time-out for connecting no code of its own, and others the same name. */
const isConnectTimeout = ({ name, message }: SdkError): boolean =>
  name === 'TimeoutError' && message.includes('did not establish a connection');

/** Nothing was sent. */
const NOT_CONNECTED = {
  from: 'network',
  code: 'not-connected',
  message: 'no connection to the provider could be made in time',
} as const satisfies Failure;

const INSECURE =
  'Check that the address of the provider speaks https://, and that its certificate is for this name and valid today. The item is retried automatically.';

/** Whoever hands out the credentials was asked, and said nothing. */
const CREDENTIALS_LATE = {
  ...{ from: 'provider', code: 'CredentialsProviderError', ...NO_CREDENTIALS_NOW },
  message: 'no credentials were handed out within CALL_TIMEOUT',
} as const satisfies Failure;

interface Circumstances {
  /** Whether it came while the audio was being read. */
  readonly replyBegan?: boolean;
  /** Whether missing credentials may be found again. */
  readonly credentialsMayComeBack?: boolean | undefined;
}

/** The failure of a call to the provider. */
export function providerFailure(error: unknown, circumstances: Circumstances = {}): Failure {
  const { replyBegan = false, credentialsMayComeBack = false } = circumstances;
  if (error instanceof CallFailed) return error.failure;
  if (!isSdkError(error)) return { from: 'network', code: 'unknown', message: String(error) };
  const code = typeof error.code === 'string' ? error.code : undefined;
  if (replyBegan) {
    const message = `the audio broke off: ${error.message}`;
    return { from: 'network', code: code ?? 'reply-cut', message, begun: true };
  }
  const status = error.$metadata?.httpStatusCode ?? error.$response?.statusCode;
  // A reply that isn't JSON, from a proxy or a dying server, surfaces as a SyntaxError.
  if (error instanceof SyntaxError) {
    return {
      from: 'network',
      code: 'unreadable-reply',
      message: `an unreadable reply, status ${status ?? '?'}`,
    };
  }
  const remedy = NOTHING_SENT.get(error.name);
  if (remedy !== undefined) {
    const isComing = remedy === NO_CREDENTIALS && credentialsMayComeBack && NO_CREDENTIALS_NOW;
    return { from: 'provider', code: error.name, message: error.message, remedy, ...isComing };
  }
  if (isConnectTimeout(error)) return NOT_CONNECTED;
  // Without a status the provider never answered, whatever Node or the SDK calls the error.
  if (status === undefined) {
    const remedy = tlsRemedy(code, INSECURE);
    const failure = { code: code ?? error.name, message: error.message || 'no answer' };
    return { from: 'network', ...failure, ...(remedy && { remedy }) };
  }
  const passes = isClockCorrected(error)
    ? CLOCK_CORRECTED
    : error.name === ISSUER_AWAY && { retryable: true };
  return { from: 'provider', code: error.name, message: error.message || error.name, status, ...passes };
}

/** The failure of looking for the credentials of a call, which is not sent without them. */
export function credentialsFailure(
  error: unknown,
  { isLate, mayComeBack }: { readonly isLate: boolean; readonly mayComeBack: boolean },
): Failure {
  if (isLate && !isUnsent(error)) return { ...CREDENTIALS_LATE, billed: false };
  const failure = providerFailure(error, { credentialsMayComeBack: mayComeBack });
  const message = `no credentials could be fetched: ${failure.message}`;
  return { ...failure, ...(failure.from === 'network' && { message }), billed: false };
}

/** Turns unusable audio into a failure of a call that was billed for so many characters. Rethrows anything else. */
export function audioFailed(error: unknown, billedCharacters: number): never {
  if (!(error instanceof AudioUnusable)) throw error;
  const { code, message, remedy } = error;
  const lasting = remedy === undefined ? {} : { remedy, retryable: false };
  throw new CallFailed({ from: 'audio', code, message, billed: true, billedCharacters, ...lasting }, error);
}

/** The failure of a store. Rethrows anything that isn't a store's error: it is our bug. */
export function storeFailure(error: unknown): Failure {
  if (!(error instanceof StoreError)) throw error;
  const { code, message, remedy } = error;
  return { from: 'store', code: `store-${code}`, message, remedy };
}

/** What Polly's errors mean for the person whose item failed, and whether a retry can help. */

export type PollyError = {
  /** The HTTP status that Polly sends with it. */
  readonly status: number;
  /** What happened, as a sentence. */
  readonly meaning: string;
  /** What the user can do, as a sentence. */
  readonly remedy: string;
  /** Whether the same request can succeed later without any intervention. */
  readonly retryable: boolean;
};

const text = {
  EngineNotSupportedException: fault(
    'This voice does not support the engine, or the region does not have it.',
    'Choose another voice or another `engine`, or a region that has this engine.',
  ),
  InvalidSampleRateException: fault(
    'The output format does not support this sample rate.',
    'Choose another `sample-rate`, or leave it out.',
  ),
  InvalidSsmlException: fault(
    'The SSML is malformed, or has a tag or value that this engine or voice does not know.',
    'Check the tags and their values, and that <speak> encloses everything; or use another `engine`.',
  ),
  LanguageNotSupportedException: fault(
    'The voice does not speak this language.',
    'Leave `language-code` out, or choose a voice of that language.',
  ),
  MarksNotSupportedForFormatException: fault(
    'Speech marks are available only in the output format json.',
    'Set `output-format: json`, or request no speech marks.',
  ),
  SsmlMarksNotSupportedForTextTypeException: fault(
    'Speech marks of type ssml require a text of type ssml.',
    'Set `text-type: ssml`, or request other speech marks.',
  ),
  TextLengthExceededException: fault(
    'The text is too long for Polly.',
    'Split it: a call takes 3,000 characters without tags (6,000 with tags), a task 100,000 (200,000).',
  ),
};

const lexicons = {
  InvalidLexiconException: fault(
    'Polly cannot read the lexicon.',
    'Check that it is well-formed PLS 1.0 and that its name is spelt right.',
  ),
  // Calls can miss a new lexicon for a while.
  LexiconNotFoundException: {
    ...fault(
      'Polly has no lexicon of this name in this region.',
      'Check the name, letter case included, and the region; upload the lexicon if it is missing.',
      404,
    ),
    retryable: true,
  },
  LexiconSizeExceededException: fault('The lexicon is longer than 40,000 characters.', 'Split it in two.'),
  MaxLexemeLengthExceededException: fault(
    'A replacement in the lexicon is longer than 100 characters.',
    'Shorten that <phoneme> or <alias>.',
  ),
  MaxLexiconsNumberExceededException: fault(
    'The account already has 100 lexicons in this region.',
    'Delete one that is no longer needed.',
  ),
  UnsupportedPlsAlphabetException: fault(
    'The lexicon is in an alphabet that Polly does not read.',
    'Set its `alphabet` to `ipa` or `x-sampa`.',
  ),
  UnsupportedPlsLanguageException: fault(
    'The lexicon is for a language that Polly does not speak.',
    'Set its `xml:lang` to one of Polly’s language codes, such as `en-US`.',
  ),
};

const tasks = {
  InvalidNextTokenException: fault('The requested page does not exist.', 'List again from the beginning.'),
  InvalidS3BucketException: fault(
    'Polly cannot write to the bucket: no such bucket, another region, or no permission.',
    "Check the bucket's name, that it is in Polly's region, and that the caller has s3:PutObject on it.",
  ),
  InvalidS3KeyException: fault(
    'S3 does not accept the key prefix.',
    'Use only letters, digits and the characters / ! - _ . *, at most 800 in all, without spaces.',
  ),
  InvalidSnsTopicArnException: fault(
    'Polly cannot publish to the SNS topic: no such topic, another region, or no permission.',
    "Check the topic's ARN, that it is in Polly's region, and that the caller has sns:Publish on it.",
  ),
  InvalidTaskIdException: fault('This is not the id of a synthesis task.', 'Check the id of the task.'),
  SynthesisTaskNotFoundException: fault(
    'Polly has no such task in this region; it forgets a task after 72 hours.',
    'Check the region, and whether its audio is in the bucket; otherwise start the task again.',
  ),
};

/** The SDK keeps keys that have no expiry for as long as its process runs, even if they were replaced since. */
const RESTART =
  'restart what calls Polly ("setlist up" or a dispatcher), then run the file again or retry the set.';

/** Errors of any AWS service: https://docs.aws.amazon.com/polly/latest/dg/CommonErrors.html */
const common = {
  AccessDeniedException: fault(
    'The credentials do not allow this.',
    'Ask for the missing permission, such as polly:SynthesizeSpeech.',
    403,
  ),
  ExpiredTokenException: fault('The credentials have expired.', `Renew the credentials, ${RESTART}`, 403),
  IncompleteSignature: fault('The request was not signed as AWS requires.', checkKeys(), 403),
  InternalFailure: transient('Polly had an internal error.', 500),
  InvalidSignatureException: fault(
    'The signature does not match: a wrong secret key, or a clock that is off.',
    `Check the secret key and this machine's clock; after a change, ${RESTART}`,
    403,
  ),
  MissingAuthenticationTokenException: fault('The request carried no credentials.', checkKeys(), 403),
  OptInRequired: fault(
    'The account is not signed up for Polly here.',
    'Enable the region, or use another one.',
    403,
  ),
  RequestExpired: fault(
    "The request arrived too late, or this machine's clock is off.",
    "Correct this machine's clock.",
    400,
  ),
  RequestTimeoutException: transient('Polly waited too long for the request.', 408),
  ServiceFailureException: transient('Polly had an internal error.', 500),
  ServiceQuotaExceededException: fault(
    'A quota of the account is used up.',
    'Ask AWS for a higher quota in the Service Quotas console.',
    402,
  ),
  ServiceUnavailable: transient('Polly is not available at the moment.', 503),
  ThrottlingException: transient("There were more requests than the account's quota allows.", 400),
  UnrecognizedClientException: fault('AWS does not know the access key.', checkKeys(), 403),
  ValidationException: fault('A parameter has a value that Polly does not accept.', "See Polly's message."),
};

/** For the local engine only. */
const NO_LOCAL_ENCODER = fault(
  'The local engine cannot write this format.',
  'Choose another output-format, or use Polly: --provider polly.',
);

const documented = { ...text, ...lexicons, ...tasks, ...common };

export type PollyErrorName = keyof typeof documented;

/**
 * Every documented error of SynthesizeSpeech, the synthesis tasks and the lexicon operations, by the name in
 * `x-amzn-errortype`; an unlisted name gives `undefined`. Sources: the API reference of each operation, such as
 * [SynthesizeSpeech](https://docs.aws.amazon.com/polly/latest/dg/API_SynthesizeSpeech.html#API_SynthesizeSpeech_Errors).
 */
export const POLLY_ERRORS: Readonly<
  Record<PollyErrorName, PollyError> & Partial<Record<string, PollyError>>
> = documented;

/**
 * Looks an error up by its name, and by its message where Polly deviates from its documentation: a voice without the
 * engine raises a ValidationException (https://github.com/hoffm/the-weather-in-brooklyn/issues/1), and so does a region
 * without it (https://github.com/chrisurf/obsidian-voice/issues/2). The local engine reports formats that it can't
 * write in the same way.
 */
export function pollyErrorOf(name: string, message: string): PollyError | undefined {
  if (name !== 'ValidationException') return POLLY_ERRORS[name];
  if (/selected engine/i.test(message)) return POLLY_ERRORS.EngineNotSupportedException;
  return /local engine has no encoder/i.test(message) ? NO_LOCAL_ENCODER : POLLY_ERRORS.ValidationException;
}

/** The names under which Polly, S3 or a proxy in front of them throttles. */
export const THROTTLING: ReadonlySet<string> = new Set([
  'ThrottlingException',
  'TooManyRequestsException',
  'Throttling',
  'SlowDown',
]);

function fault(meaning: string, remedy: string, status = 400): PollyError {
  return { status, meaning, remedy, retryable: false };
}

function transient(meaning: string, status: number): PollyError {
  const remedy = 'Nothing to do: it is retried automatically. If it persists, see the AWS Health Dashboard.';
  return { status, meaning, remedy, retryable: true };
}

function checkKeys(): string {
  return `Check the credentials (access key, secret key, session token if there is one); after a change, ${RESTART}`;
}

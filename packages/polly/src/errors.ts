/** What Polly's errors mean to the person whose item failed, and whether asking again can help. */

export type PollyError = {
  /** The HTTP status that Polly sends with it. */
  readonly status: number;
  /** What happened, in a sentence. */
  readonly meaning: string;
  /** What the user can do, in a sentence. */
  readonly remedy: string;
  /** Whether the same request may succeed later, with nobody doing anything. */
  readonly retryable: boolean;
};

const text = {
  EngineNotSupportedException: fault(
    'This voice has no such engine, or the region has none.',
    'Choose another voice or another `engine`, or a region that has this one.',
  ),
  InvalidSampleRateException: fault(
    'The sample rate is none that this output format has.',
    'Choose another `sample-rate`, or leave it out.',
  ),
  InvalidSsmlException: fault(
    'The SSML is malformed, or has a tag or value that this engine or voice does not know.',
    'Check the tags and their values, and that <speak> encloses it all; or use another `engine`.',
  ),
  LanguageNotSupportedException: fault(
    'The voice does not speak this language.',
    'Leave `language-code` out, or choose a voice of that language.',
  ),
  MarksNotSupportedForFormatException: fault(
    'Speech marks come only in the output format json.',
    'Set `output-format: json`, or ask for no speech marks.',
  ),
  SsmlMarksNotSupportedForTextTypeException: fault(
    'Speech marks of type ssml need a text of type ssml.',
    'Set `text-type: ssml`, or ask for other speech marks.',
  ),
  TextLengthExceededException: fault(
    'The text is too long for Polly.',
    'Split it: 3,000 characters without tags (6,000 with) at once, 100,000 (200,000) as a task.',
  ),
};

const lexicons = {
  InvalidLexiconException: fault(
    'Polly cannot read the lexicon.',
    'Check that it is well-formed PLS 1.0 and that its name is spelt right.',
  ),
  LexiconNotFoundException: fault(
    'Polly has no lexicon of this name in this region.',
    'Check the name, letter case included, and the region; upload the lexicon if it is missing.',
    404,
  ),
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
    'Set its `xml:lang` to a language code of Polly, such as `en-US`.',
  ),
};

const tasks = {
  InvalidNextTokenException: fault('The page asked for does not exist.', 'List from the beginning again.'),
  InvalidS3BucketException: fault(
    'Polly cannot write to the bucket: no such bucket, another region, or no permission.',
    "Check the bucket's name, that it is in Polly's region, and that the caller has s3:PutObject on it.",
  ),
  InvalidS3KeyException: fault(
    'The key prefix is none that S3 takes.',
    'Use letters, digits and the characters / ! - _ . * only, at most 800 of them, without spaces.',
  ),
  InvalidSnsTopicArnException: fault(
    'Polly cannot publish to the SNS topic: no such topic, another region, or no permission.',
    "Check the topic's ARN, that it is in Polly's region, and that the caller has sns:Publish on it.",
  ),
  InvalidTaskIdException: fault('The id is none of a synthesis task.', 'Check the id of the task.'),
  SynthesisTaskNotFoundException: fault(
    'Polly has no such task in this region; it forgets a task after 72 hours.',
    'Check the region, and whether its audio is in the bucket; otherwise start the task anew.',
  ),
};

/** Errors of any AWS service: https://docs.aws.amazon.com/polly/latest/dg/CommonErrors.html */
const common = {
  AccessDeniedException: fault(
    'The credentials do not allow this.',
    'Have the needed permission granted, such as polly:SynthesizeSpeech.',
    403,
  ),
  ExpiredTokenException: fault(
    'The credentials have expired.',
    'Sign in again, or renew the credentials.',
    403,
  ),
  IncompleteSignature: fault('The request was not signed as AWS asks.', checkKeys(), 403),
  InternalFailure: transient('Polly had a fault of its own.', 500),
  InvalidSignatureException: fault(
    'The signature does not match: a wrong secret key, or a clock that is off.',
    "Check the secret key and this machine's clock.",
    403,
  ),
  MissingAuthenticationTokenException: fault('The request carried no credentials.', checkKeys(), 403),
  OptInRequired: fault(
    'The account is not signed up for Polly here.',
    'Enable the region, or use another one.',
    403,
  ),
  RequestExpired: fault(
    "The request came too late, or this machine's clock is off.",
    'Set the clock right.',
    400,
  ),
  RequestTimeoutException: transient('Polly waited too long for the request.', 408),
  ServiceFailureException: transient('Polly had a fault of its own.', 500),
  ServiceQuotaExceededException: fault(
    'A quota of the account is used up.',
    'Ask AWS for a higher quota in the Service Quotas console.',
    402,
  ),
  ServiceUnavailable: transient('Polly is not available at the moment.', 503),
  ThrottlingException: transient('More requests than the quota of the account allows.', 400),
  UnrecognizedClientException: fault('AWS does not know the access key.', checkKeys(), 403),
  ValidationException: fault(
    'A parameter has a value that Polly does not take.',
    'See the message of Polly.',
  ),
};

/** Of the local engine only. */
const NO_LOCAL_ENCODER = fault(
  'The local engine can not write this format.',
  'Choose another output-format, or have Polly make it: --provider polly.',
);

const documented = { ...text, ...lexicons, ...tasks, ...common };

export type PollyErrorName = keyof typeof documented;

/**
 * Every error that SynthesizeSpeech, the synthesis tasks and the lexicon operations are documented to raise, by the name
 * in `x-amzn-errortype`; an unlisted name gives `undefined`. Sources: the API reference of each operation, such as
 * [SynthesizeSpeech](https://docs.aws.amazon.com/polly/latest/dg/API_SynthesizeSpeech.html#API_SynthesizeSpeech_Errors).
 */
export const POLLY_ERRORS: Readonly<
  Record<PollyErrorName, PollyError> & Partial<Record<string, PollyError>>
> = documented;

/**
 * What is known of an error by its name, and by its message where Polly raises something other than is documented: a
 * voice without the engine is a ValidationException, as seen in https://github.com/hoffm/the-weather-in-brooklyn/issues/1,
 * and so is a region without it: https://github.com/chrisurf/obsidian-voice/issues/2. The local engine says in the same
 * way which formats it has not.
 */
export function pollyErrorOf(name: string, message: string): PollyError | undefined {
  if (name !== 'ValidationException') return POLLY_ERRORS[name];
  if (/selected engine/i.test(message)) return POLLY_ERRORS.EngineNotSupportedException;
  return /local engine has no encoder/i.test(message) ? NO_LOCAL_ENCODER : POLLY_ERRORS.ValidationException;
}

function fault(meaning: string, remedy: string, status = 400): PollyError {
  return { status, meaning, remedy, retryable: false };
}

function transient(meaning: string, status: number): PollyError {
  const remedy = 'Nothing to do: it is tried again. If it lasts, see the AWS Health Dashboard.';
  return { status, meaning, remedy, retryable: true };
}

function checkKeys(): string {
  return 'Check the credentials: the access key, the secret key, and the session token if there is one.';
}

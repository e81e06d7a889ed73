/** Compares the tables with the enums and schemas of the AWS SDK, so that additions in a new release are noticed. */
import * as sdk from '@aws-sdk/client-polly';
import { describe, expect, test } from 'vitest';
import {
  defaultSampleRate,
  ENGINES,
  FORMATS,
  findVoice,
  LANGUAGES,
  OUTPUT_FORMATS,
  POLLY_ERRORS,
  PRICES_PER_MILLION,
  parseUsd,
  pollyErrorOf,
  QUOTAS,
  SPEECH_MARK_TYPES,
  TEXT_TYPES,
  VOICES,
  VOICES_AS_OF,
  voicesOf,
} from './index.ts';

const sorted = (values: Iterable<string>) => [...values].sort();

describe('the vocabulary', () => {
  test.each([
    ['engines', ENGINES, sdk.Engine],
    ['output formats', OUTPUT_FORMATS, sdk.OutputFormat],
    ['text types', TEXT_TYPES, sdk.TextType],
    ['speech mark types', SPEECH_MARK_TYPES, sdk.SpeechMarkType],
    ['languages', Object.keys(LANGUAGES), sdk.LanguageCode],
    ['voices', VOICES.map((voice) => voice.id), sdk.VoiceId],
  ])('has the %s of the SDK', (_, ours, theirs) => {
    expect(sorted(ours)).toEqual(sorted(Object.values(theirs)));
  });
});

describe('the voices', () => {
  test('have at least one engine each, in the order of ENGINES', () => {
    for (const voice of VOICES) {
      expect(voice.engines.length, voice.id).toBeGreaterThan(0);
      expect(voice.engines, voice.id).toEqual(ENGINES.filter((engine) => voice.engines.includes(engine)));
    }
  });

  test('speak languages that have a name, and every named language has a voice', () => {
    const spoken = VOICES.flatMap((voice) => [voice.language, ...voice.additionalLanguages]);
    expect(sorted(new Set(spoken))).toEqual(sorted(Object.keys(LANGUAGES)));
  });

  test("are as many as AWS's own pages say", () => {
    const having = (engine: sdk.Engine) => VOICES.filter((voice) => voice.engines.includes(engine));
    expect(having('generative')).toHaveLength(43);
    // 40 female and 20 male, and Kevin, whom that page lists but cannot have counted.
    expect(having('standard').filter((voice) => voice.gender === 'Female')).toHaveLength(40);
    expect(having('standard').filter((voice) => voice.gender === 'Male')).toHaveLength(21);
    expect(new Set(having('neural').map((voice) => voice.language)).size).toBe(36 - 1); // hi-IN is Kajal's second
  });

  test('are found by their case-sensitive id, and named with their accents', () => {
    expect(findVoice('Celine')).toMatchObject({ name: 'Céline', language: 'fr-FR' });
    expect(findVoice('Kajal')).toMatchObject({ language: 'en-IN', additionalLanguages: ['hi-IN'] });
    expect(findVoice('joanna')).toBeUndefined();
    expect(findVoice('constructor')).toBeUndefined();
  });

  test('are found by language and engine, a second language too', () => {
    const idsOf = (query: Parameters<typeof voicesOf>[0]) => voicesOf(query).map(({ id }) => id);
    expect(idsOf({ language: 'hi-IN' })).toEqual(['Aditi', 'Kajal']);
    expect(idsOf({ language: 'HI', engine: 'neural' })).toEqual(['Kajal']);
    expect(voicesOf({ language: 'en' }).map(({ language }) => language)).toContain('en-GB-WLS');
    expect(voicesOf({ language: 'e' })).toEqual([]);
    expect(voicesOf({})).toEqual(VOICES);
  });

  test('have a date that is a valid day', () => {
    expect(new Date(`${VOICES_AS_OF}T00:00:00Z`).toISOString().slice(0, 10)).toBe(VOICES_AS_OF);
  });
});

describe('the formats', () => {
  test('accept their own extension, and none that belongs to another kind of audio', () => {
    for (const format of OUTPUT_FORMATS) {
      const { extension, extensions } = FORMATS[format];
      expect(extensions[0]).toBe(extension);
      const owners = OUTPUT_FORMATS.filter((other) => extensions.includes(FORMATS[other].extension));
      expect(owners, format).toEqual(format === 'ogg_opus' ? ['ogg_vorbis', 'ogg_opus'] : [format]);
    }
  });

  test('have a default rate that both operations accept', () => {
    for (const engine of ENGINES) {
      for (const format of OUTPUT_FORMATS) {
        const rate = defaultSampleRate(engine, format);
        if (format === 'json') expect(rate).toBeUndefined();
        else {
          expect(FORMATS[format].sampleRates).toContain(rate);
          expect(FORMATS[format].taskSampleRates).toContain(rate);
        }
      }
    }
    expect(defaultSampleRate('standard', 'mp3')).toBe(22050);
    expect(defaultSampleRate('neural', 'mp3')).toBe(24000);
  });
});

test('every engine has quotas and a price, and no burst is below the rate', () => {
  for (const engine of ENGINES) {
    for (const { rps, burst } of Object.values(QUOTAS[engine])) {
      expect(rps).toBeGreaterThan(0);
      expect(burst).toBeGreaterThanOrEqual(rps);
    }
    expect(parseUsd(PRICES_PER_MILLION[engine])).toBeGreaterThan(0n);
  }
});

describe('the errors', () => {
  const exceptions = Object.keys(sdk).filter(
    (name) => /Exception$/.test(name) && name !== 'PollyServiceException',
  );

  test.each(exceptions)('know %s, with the status in the SDK', (name) => {
    // A schema of the SDK: [kind, namespace, name, traits, …]; its traits hold the status.
    const schema: unknown = Object.entries(sdk).find(([key]) => key === `${name}$`)?.[1];
    const traits: unknown = Array.isArray(schema) ? schema[3] : undefined;
    expect(traits).toMatchObject({ httpError: POLLY_ERRORS[name]?.status });
  });

  test('have sentences as meaning and remedy, and an unknown name has no error', () => {
    expect(exceptions.length).toBeGreaterThan(20);
    for (const [name, error] of Object.entries(POLLY_ERRORS)) {
      expect(error?.meaning, name).toMatch(/^[A-Z].*\.$/);
      expect(error?.remedy, name).toMatch(/^[A-Z].*\.$/);
    }
    expect(POLLY_ERRORS['NoSuchException' as string]).toBeUndefined();
  });

  test.each(['ExpiredTokenException', 'InvalidSignatureException', 'UnrecognizedClientException'])(
    'of keys say to restart what has read them, since the SDK does not read them again: %s',
    (name) => {
      expect(POLLY_ERRORS[name]?.remedy).toMatch(/ restart what calls Polly .* retry the set\.$/);
    },
  );

  test.each([
    'This voice does not support the selected engine: neural',
    'The selected engine is not supported in this region',
  ])('are recognized by their message too: %s', (message) => {
    expect(pollyErrorOf('ValidationException', message)).toBe(POLLY_ERRORS.EngineNotSupportedException);
    expect(pollyErrorOf('ValidationException', 'other')).toBe(POLLY_ERRORS.ValidationException);
    expect(pollyErrorOf('NoSuchException', message)).toBeUndefined();
  });

  test('include a format that only Polly writes', () => {
    const message = 'This local engine has no encoder for ogg_opus: use mp3 or json';
    expect(pollyErrorOf('ValidationException', message)?.remedy).toBe(
      'Choose another output-format, or use Polly: --provider polly.',
    );
  });

  test('are retryable only if waiting can help', () => {
    const retryable = Object.entries(POLLY_ERRORS).flatMap(([name, error]) =>
      error?.retryable ? [name] : [],
    );
    expect(sorted(retryable)).toEqual([
      'InternalFailure',
      'LexiconNotFoundException',
      'RequestTimeoutException',
      'ServiceFailureException',
      'ServiceUnavailable',
      'ThrottlingException',
    ]);
  });
});

/** Reads the settings that `defaults` and items share, each on its own; items check how they fit together. */
import { quote } from '@setlist/contracts';
import {
  ENGINES,
  type Engine,
  findVoice,
  LANGUAGES,
  LIMITS,
  OUTPUT_FORMATS,
  type OutputFormat,
  SPEECH_MARK_TYPES,
  type SpeechMarkType,
  TEXT_TYPES,
  type TextType,
  VOICES,
  type Voice,
} from '@setlist/polly';
import type { Finding, Report } from '../problems.ts';
import type { ScalarNode } from '../source/source-nodes.ts';
import type { Fields, FieldValue } from './read-fields.ts';
import { didYouMean, missingBrackets } from './suggest.ts';

type SettingValues = {
  engine: Engine;
  'language-code': string;
  'output-format': OutputFormat;
  'sample-rate': number;
  'text-type': TextType;
  'voice-id': string;
  lexicons: readonly string[];
  'speech-marks': readonly SpeechMarkType[];
};
export type SettingKey = keyof SettingValues;

/** A value and where it is written; `own` if in the item itself, not in `defaults`. */
export type Written<T> = {
  readonly value: T;
  readonly at: number;
  readonly path: string;
  readonly own: boolean;
};

/** The settings that are written; null for a value that was reported and can't be used. */
export type Settings = { readonly [K in SettingKey]?: Written<SettingValues[K]> | null };

type Place = Pick<Finding, 'at' | 'path'>;
/** `voice` is the one that the text is for, as far as it is known. */
type Reader<T> = (value: NonNullable<FieldValue>, place: Place, report: Report, voice?: Voice) => T | null;

/** The possible language codes and the longest voice id, known or not, that an event can hold. */
const LANGUAGE_CODE = /^[A-Za-z0-9-]{2,35}$/;
const LONGEST_VOICE_ID = 64;

const VOICE_IDS = VOICES.map((voice) => voice.id);

const READERS: { readonly [K in SettingKey]: Reader<SettingValues[K]> } = {
  engine: oneOf('engine', ENGINES),
  'output-format': oneOf('output format', OUTPUT_FORMATS, insteadOfWav),
  'text-type': oneOf('text type', TEXT_TYPES),
  'language-code': readLanguage,
  'voice-id': readVoice,
  'sample-rate': readSampleRate,
  lexicons: readLexicons,
  'speech-marks': readSpeechMarks,
};

/** The settings of `defaults` (`own` false) or of an item, which speaks with the voice `otherVoice` if it names none. */
export function readSettings(fields: Fields, own: boolean, report: Report, otherVoice = ''): Settings {
  const settings: Record<string, unknown> = {};
  const named = fields.values['voice-id'];
  const voice = findVoice(named ? scalarText(named) : otherVoice);
  for (const [key, reader] of Object.entries(READERS)) {
    const node = fields.values[key];
    if (node === undefined) continue;
    const place = { at: node?.start ?? fields.at, path: `${fields.path}.${key}` };
    const value = node === null ? null : reader(node, place, report, voice);
    settings[key] = value === null ? null : { value, ...place, own };
  }
  return settings;
}

/** @param remedyOf the remedy for some values that are not allowed; others get a general one */
function oneOf<T extends string>(
  noun: string,
  allowed: readonly T[],
  remedyOf: (written: string) => string | undefined = () => undefined,
): Reader<T> {
  return (node, place, report) => {
    const written = scalarText(node);
    const found = allowed.find((value) => value === written);
    if (found !== undefined) return found;
    const remedy = remedyOf(written) ?? didYouMean(written, allowed, `use one of: ${allowed.join(', ')}`);
    report({ ...place, code: 'unknown-value', message: `there is no ${noun} ${quote(written)}`, remedy });
    return null;
  };
}

function insteadOfWav(format: string): string | undefined {
  if (format.toLowerCase() !== 'wav') return undefined;
  return 'Polly makes no WAV: use pcm (docs/by-use.md shows how to make WAV from it), or mulaw or alaw, which phone systems play as they are';
}

/** Polly can have added a language or a voice since the table was made, so unknown ones are left to it. */
function readLanguage(
  node: NonNullable<FieldValue>,
  place: Place,
  report: Report,
  voice?: Voice,
): string | null {
  const written = scalarText(node);
  if (Object.hasOwn(LANGUAGES, written)) return written;
  const remedy = languageMeant(written, voice);
  if (!LANGUAGE_CODE.test(written)) {
    report({ ...place, code: 'bad-language', message: `${quote(written)} is not a language code`, remedy });
    return null;
  }
  const message = `Polly has no language ${quote(written)}`;
  report({ ...place, code: 'unknown-language', message, remedy, lenient: true });
  return written;
}

/** A language, known or not, and perhaps a country or region: `de`, `de-LI`, `es-419`. */
const LANGUAGE_AND_REGION = /^([a-z]{2,3})(-(?:[a-z]{2}|\d{3}))?$/i;

/** For a language that Polly has, a variant, not what is spelt like it; for a bare `de`, the one of the voice. */
function languageMeant(written: string, voice: Voice | undefined): string {
  const codes = Object.keys(LANGUAGES);
  const [, language = '', region] = LANGUAGE_AND_REGION.exec(written) ?? [];
  const variants = codes.filter((code) => isVariant(code, language.toLowerCase()));
  const anyCode = 'use a code of `setlist voices`, such as en-GB';
  if (variants.length === 0) return didYouMean(written, codes, anyCode);
  if (variants.length === 1) return `did you mean "${variants[0]}"? Otherwise ${anyCode}`;
  const spoken = voice === undefined ? [] : [voice.language, ...voice.additionalLanguages];
  const fitting = variants.filter((code) =>
    region === undefined ? spoken.includes(code) : code.toLowerCase() === written.toLowerCase(),
  );
  return didYouMean(written, fitting, `use one of: ${variants.join(', ')}`);
}

/** Polly's Arabic has two: `ar-AE`, and `arb`, which is the code of its standard form. */
function isVariant(code: string, language: string): boolean {
  return code.startsWith(`${language}-`) || (language === 'ar' && code === 'arb');
}

function readVoice(node: NonNullable<FieldValue>, place: Place, report: Report): string | null {
  const written = scalarText(node);
  if (written.length > LONGEST_VOICE_ID) {
    const message = `a voice's id has at most ${LONGEST_VOICE_ID} characters, and this one has ${written.length}`;
    report({ ...place, code: 'bad-voice', message, remedy: 'use a voice of `setlist voices`' });
    return null;
  }
  if (findVoice(written) === undefined) {
    const remedy = didYouMean(written, VOICE_IDS, 'use a voice of `setlist voices`');
    const message = `Polly has no voice ${quote(written)}`;
    report({ ...place, code: 'unknown-voice', message, remedy, lenient: true });
  }
  return written;
}

function readSampleRate(node: NonNullable<FieldValue>, place: Place, report: Report): number | null {
  const written = scalarText(node);
  if (/^[1-9]\d{3,4}$/.test(written)) return Number(written);
  const remedy = 'write samples per second in digits, such as 22050';
  report({ ...place, code: 'bad-sample-rate', message: `${quote(written)} is not a sample rate`, remedy });
  return null;
}

function readLexicons(node: NonNullable<FieldValue>, place: Place, report: Report): readonly string[] | null {
  const names = scalars(node).map((scalar) => scalar.value);
  const bad = names.find((name) => !LIMITS.lexiconName.test(name));
  if (bad !== undefined) {
    const rule = 'a name has up to 20 ASCII letters and digits';
    const remedy = missingBrackets(node, (name) => LIMITS.lexiconName.test(name)) ?? rule;
    report({ ...place, code: 'bad-lexicon', message: `${quote(bad)} is not a lexicon name`, remedy });
  }
  if (names.length > LIMITS.lexiconsPerRequest) {
    const message = `there are ${names.length} lexicons; Polly accepts at most ${LIMITS.lexiconsPerRequest}`;
    report({ ...place, code: 'too-many-lexicons', message, remedy: 'name fewer, or merge some in Polly' });
  }
  const repeated = firstRepeated(names);
  if (repeated !== undefined) {
    const message = `the lexicon ${quote(repeated)} is named twice`;
    report({ ...place, code: 'repeated-value', message, remedy: 'name it once' });
  }
  const usable = bad === undefined && repeated === undefined && names.length <= LIMITS.lexiconsPerRequest;
  return usable ? names : null;
}

/** The first name that comes a second time; not by comparing each with all, since nothing limits how many there are. */
function firstRepeated(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return undefined;
}

function readSpeechMarks(
  node: NonNullable<FieldValue>,
  place: Place,
  report: Report,
): readonly SpeechMarkType[] | null {
  const isType = (word: string) => SPEECH_MARK_TYPES.some((type) => type === word);
  const read = oneOf('speech mark type', SPEECH_MARK_TYPES, () => missingBrackets(node, isType));
  const types = scalars(node).map((scalar) => read(scalar, { ...place, at: scalar.start }, report));
  const usable = types.filter((type) => type !== null);
  return usable.length === types.length ? [...new Set(usable)].sort() : null;
}

function scalars(node: NonNullable<FieldValue>): readonly ScalarNode[] {
  return node.kind === 'list' ? node.items : [node];
}

/** The text of a value that can't be a list, without the line break that ends a block scalar. */
function scalarText(node: NonNullable<FieldValue>): string {
  return node.kind === 'scalar' ? node.value.trim() : '';
}

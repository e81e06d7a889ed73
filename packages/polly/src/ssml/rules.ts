/** The table of the SSML that Polly reads: tags, their attributes and values, and the engines that support them. */

import type { Engine } from '../vocabulary.ts';
import {
  anyText,
  language,
  maxDuration,
  oneOf,
  pause,
  pitch,
  rate,
  tractLength,
  type ValueRule,
  volume,
} from './values.ts';

export type AttributeRule = {
  readonly value: ValueRule;
  readonly required?: true;
  /** The engines that support the attribute, unless all do. */
  readonly engines?: readonly Engine[];
  /** The engines that support each value of the attribute, unless all do. */
  readonly enginesOfValue?: ReadonlyMap<string, readonly Engine[]>;
};

export type TagRule = {
  /** What messages call it, as in "remove the effect". */
  readonly noun: string;
  readonly attributes: ReadonlyMap<string, AttributeRule>;
  readonly needsAttribute?: true;
  /** Contains no text: written `<break/>`. */
  readonly empty?: true;
  readonly engines?: readonly Engine[];
  /** The voices that support the tag, if that doesn't depend on the engine alone. */
  readonly voices?: readonly string[];
};

const STANDARD: readonly Engine[] = ['standard'];
const NEURAL: readonly Engine[] = ['neural'];
const ALL_BUT_GENERATIVE: readonly Engine[] = ['standard', 'neural', 'long-form'];

const SIZES = ['default', 'x-soft', 'soft', 'medium', 'loud', 'x-loud'] as const;
const LENGTHS = ['default', 'x-short', 'short', 'medium', 'long', 'x-long'] as const;
const FREQUENCIES = ['default', 'x-low', 'low', 'medium', 'high', 'x-high'] as const;
const STRENGTHS = ['none', 'x-weak', 'weak', 'medium', 'strong', 'x-strong'] as const;
const DATE_FORMATS = ['mdy', 'dmy', 'ymd', 'md', 'dm', 'ym', 'my', 'd', 'm', 'y', 'yyyymmdd'] as const;
const ALPHABETS = [
  'ipa',
  'x-sampa',
  'x-amazon-jyutping',
  'x-amazon-pinyin',
  'x-amazon-pron-kana',
  'x-amazon-yomigana',
] as const;
const INTERPRETATIONS = [
  ...['characters', 'spell-out', 'cardinal', 'number', 'ordinal', 'digits', 'fraction', 'unit'],
  ...['date', 'time', 'address', 'expletive', 'telephone'],
] as const;
const PARTS_OF_SPEECH = ['VB', 'VBD', 'DT', 'IN', 'JJ', 'NN', 'DEFAULT', 'SENSE_1'] as const;

/**
 * [Supported SSML tags](https://docs.aws.amazon.com/polly/latest/dg/supportedtags.html) and the page of each tag below
 * it. "Partial availability" counts as support if Polly doesn't refuse it: with a neural voice, `<say-as
 * interpret-as="characters">` falls back to the standard voice, and with a generative one, `<mark>` does nothing.
 */
export const SSML_TAGS: ReadonlyMap<string, TagRule> = new Map<string, TagRule>([
  ['speak', tag('the root', { version: anyText, 'xml:lang': language })],
  ['p', tag('the paragraph', { 'xml:lang': language })],
  ['s', tag('the sentence', { 'xml:lang': language })],
  ['break', tag('the pause', { strength: oneOf(...STRENGTHS), time: pause }, { empty: true })],
  ['mark', tag('the mark', { name: required(anyText) }, { empty: true })],
  ['lang', tag('the change of language', { 'xml:lang': required(language) })],
  ['sub', tag('the substitution', { alias: required(anyText) })],
  [
    'w',
    tag('the part of speech', { role: required(oneOf(...PARTS_OF_SPEECH.map((part) => `amazon:${part}`))) }),
  ],
  ['phoneme', tag('the pronunciation', { alphabet: required(oneOf(...ALPHABETS)), ph: required(anyText) })],
  [
    'say-as',
    tag('the interpretation', {
      'interpret-as': required(oneOf(...INTERPRETATIONS)),
      format: oneOf(...DATE_FORMATS),
    }),
  ],
  ['emphasis', tag('the emphasis', { level: oneOf('strong', 'moderate', 'reduced') }, { engines: STANDARD })],
  [
    'prosody',
    tag(
      'the prosody',
      {
        rate,
        volume,
        pitch: { value: pitch, engines: STANDARD },
        'amazon:max-duration': { value: maxDuration, engines: STANDARD },
      },
      { needsAttribute: true },
    ),
  ],
  [
    'amazon:effect',
    tag(
      'the effect',
      {
        name: {
          value: oneOf('drc', 'whispered'),
          enginesOfValue: new Map([
            ['drc', ALL_BUT_GENERATIVE],
            ['whispered', STANDARD],
          ]),
        },
        phonation: { value: oneOf('soft'), engines: STANDARD },
        'vocal-tract-length': { value: tractLength, engines: STANDARD },
      },
      { needsAttribute: true },
    ),
  ],
  [
    'amazon:domain',
    // The voices: https://docs.aws.amazon.com/polly/latest/dg/newscaster-voices.html
    tag(
      'the newscaster style',
      { name: required(oneOf('news')) },
      { engines: NEURAL, voices: ['Amy', 'Joanna', 'Lupe', 'Matthew'] },
    ),
  ],
  [
    'amazon:breath',
    tag(
      'the breath',
      { duration: oneOf(...LENGTHS), volume: oneOf(...SIZES) },
      { empty: true, engines: STANDARD },
    ),
  ],
  [
    'amazon:auto-breaths',
    tag(
      'the breathing',
      { duration: oneOf(...LENGTHS), volume: oneOf(...SIZES), frequency: oneOf(...FREQUENCIES) },
      { engines: STANDARD },
    ),
  ],
]);

/** Tags of the W3C's SSML that Polly lacks, with what to do instead. */
export const FOREIGN_TAGS: ReadonlyMap<string, string> = new Map([
  ['audio', 'Remove it: Polly cannot mix in recordings.'],
  ['voice', 'Give each voice an item of its own, with its `voice-id`.'],
  ['lexicon', 'Remove it, and name the lexicon under `lexicons`.'],
  ['lookup', 'Remove it, and name the lexicon under `lexicons`.'],
]);

function required(value: ValueRule): AttributeRule {
  return { value, required: true };
}

function tag(
  noun: string,
  attributes: Readonly<Record<string, ValueRule | AttributeRule>>,
  more: Omit<TagRule, 'noun' | 'attributes'> = {},
): TagRule {
  const rules = Object.entries(attributes).map(([name, rule]): [string, AttributeRule] => [
    name,
    'accepts' in rule ? { value: rule } : rule,
  ]);
  return { noun, attributes: new Map(rules), ...more };
}

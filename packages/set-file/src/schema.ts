/** The keys of a set file, their values and their meaning: for the checks here, and as JSON Schema for editors. */
import { MAX_ITEMS, PRIORITIES } from '@setlist/contracts';
import {
  ENGINES,
  LANGUAGES,
  LIMITS,
  OUTPUT_FORMATS,
  SPEECH_MARK_TYPES,
  TEXT_TYPES,
  VOICES,
} from '@setlist/polly';
import { z } from 'zod';
import { DEADLINE_FORMS } from './deadline.ts';

/** The maximum length of a set's name, in UTF-16 code units; it goes into file names and mail subjects. */
export const MAX_NAME_LENGTH = 200;
export const MAX_DESCRIPTION_LENGTH = 2_000;
export const MAX_CHANNELS = 50;
/** How a set chooses between Polly's calls and tasks. */
export const PATHS = ['auto', 'both'] as const;

/** The values that apply if neither an item nor `defaults` gives one, as in the reference. */
export const BUILT_IN = {
  engine: 'neural',
  languageCode: 'en-US',
  outputFormat: 'mp3',
  textType: 'text',
  voiceId: 'Matthew',
} as const;

/** YAML editors read `7` as a number and `true` as a boolean; in a set file, both are the text as written. */
const written = (as: z.ZodString) => z.union([as, z.number(), z.boolean()]);
const text = written(z.string().min(1));
const listOrOne = <T extends z.ZodType>(element: T, most: number) =>
  z.union([element, z.array(element).max(most)]);

const lexiconName = z
  .union([z.string().regex(LIMITS.lexiconName), z.int().nonnegative(), z.boolean()])
  .describe('Name of a lexicon kept in Polly: up to 20 ASCII letters and digits.');

const settings = {
  engine: z.enum(ENGINES).optional().meta({
    default: BUILT_IN.engine,
    description: 'How speech is made; determines the price. Each voice has only some of the engines.',
  }),
  'language-code': z.enum(Object.keys(LANGUAGES)).optional().meta({
    default: BUILT_IN.languageCode,
    description:
      'Language to speak; only bilingual voices have a choice. Default: en-US, or the voice’s own language if it does not speak en-US.',
  }),
  'output-format': z.enum(OUTPUT_FORMATS).optional().meta({
    default: BUILT_IN.outputFormat,
    description: 'What the file contains. `json` gives speech marks instead of audio.',
  }),
  'sample-rate': z
    .union([z.int(), z.string().regex(/^\d+$/)])
    .optional()
    .meta({
      description:
        'Samples per second. Default: 22050 for the standard engine, 24000 for the others; pcm 16000, mulaw and alaw 8000, ogg_opus 48000.',
      examples: [22050, 24000],
    }),
  'text-type': z
    .enum(TEXT_TYPES)
    .optional()
    .meta({ default: BUILT_IN.textType, description: 'Whether texts are plain, or SSML in one <speak>.' }),
  'voice-id': z
    .enum(VOICES.map((voice) => voice.id))
    .optional()
    .meta({
      default: BUILT_IN.voiceId,
      description: 'Who speaks. `setlist voices` lists voices by language and engine.',
    }),
  lexicons: listOrOne(lexiconName, LIMITS.lexiconsPerRequest)
    .optional()
    .meta({ description: 'Lexicons to apply, in this order; at most five.', examples: [['acronyms']] }),
  'speech-marks': listOrOne(z.enum(SPEECH_MARK_TYPES), SPEECH_MARK_TYPES.length)
    .optional()
    .meta({
      description: 'What to mark; only for items with `output-format: json`, which need at least one.',
      examples: [['sentence', 'word']],
    }),
};

const header = z
  .strictObject({
    name: written(z.string().min(1).max(MAX_NAME_LENGTH)).meta({
      description: 'Identifies this set in lists and messages.',
      examples: ['act-1'],
    }),
    description: written(z.string().max(MAX_DESCRIPTION_LENGTH))
      .optional()
      .describe('For people; shown in messages.'),
    'output-prefix': text.optional().meta({
      description: 'Folder of the files, below the output folder or bucket. Default: the name.',
      examples: ['act-1-scene-1'],
    }),
    priority: z
      .enum(PRIORITIES)
      .optional()
      .meta({ default: 'normal', description: 'Which of several waiting sets goes first.' }),
    notify: z
      .union([text, z.array(text).min(1).max(MAX_CHANNELS)])
      .optional()
      .meta({
        description:
          'Channels that report how the set went, of those that the operator allows, instead of the default ones.',
        examples: [['mail']],
      }),
    budget: z
      .union([z.number(), z.string().regex(/^\d+(\.\d{1,12})?$/)])
      .optional()
      .meta({ description: 'The most that this set may cost, in US dollars.', examples: ['2.50'] }),
    deadline: z
      .string()
      .optional()
      .meta({
        description: `When to stop: after it, nothing is started or retried. Write ${DEADLINE_FORMS}.`,
        examples: ['2h', '2026-11-22T20:00:00Z'],
      }),
    paths: z.enum(PATHS).optional().meta({
      default: 'auto',
      description:
        'auto: Polly’s tasks only for texts that are too long for a call. both: calls and tasks in parallel, whose quotas add up; needs the operator’s bucket for tasks.',
    }),
  })
  .describe('The set’s name and where its files go.');

const item = z
  .strictObject({
    text: text.describe('What to say. Numbers, dates and words such as `Yes` need no quotes.'),
    'output-file': text.optional().meta({
      description:
        'Name of the file below the prefix, with an extension that fits the format. Default: made from the number and the text.',
      examples: ['intro.mp3'],
    }),
    ...settings,
  })
  .describe('A phrase, which becomes a file.');

const setFileSchema = z.strictObject({
  $schema: z.string().optional().describe('For editors, in JSON.'),
  set: header,
  defaults: z
    .strictObject(settings)
    .optional()
    .describe('Settings for every item that does not have its own.'),
  items: z.array(item).min(1).max(MAX_ITEMS).describe('The phrases, in order.'),
});

export const HEADER_KEYS: readonly string[] = Object.keys(header.shape);
export const SETTING_KEYS: readonly string[] = Object.keys(settings);
export const ITEM_KEYS: readonly string[] = Object.keys(item.shape);
export const SECTION_KEYS: readonly string[] = Object.keys(setFileSchema.shape);

const REFERENCE_KEYS: ReadonlySet<string> = new Set([
  ...['name', 'description', 'output-prefix'],
  ...['engine', 'language-code', 'output-format', 'text-type', 'voice-id', 'text', 'output-file'],
]);
/** The keys that the reference lacked. */
export const NEW_KEYS: readonly string[] = [...HEADER_KEYS, ...ITEM_KEYS].filter(
  (key) => !REFERENCE_KEYS.has(key),
);
/** The keys whose value can be a list; the others take one text. */
export const LIST_KEYS: ReadonlySet<string> = new Set(['lexicons', 'speech-marks', 'notify']);

/** The JSON Schema (2020-12) of a set file, for editors; only `parseSetFile` checks what depends on several keys. */
export function setFileJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(setFileSchema, { target: 'draft-2020-12', io: 'input' }),
    title: 'Setlist set file',
    description: 'Phrases that become audio. Manual: docs/set-file.md.',
    examples: [{ set: { name: 'greetings' }, items: [{ text: 'Good morning.', 'voice-id': 'Joanna' }] }],
  };
}

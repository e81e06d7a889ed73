/** A sound: everything that affects the audio, and the hash that identifies it, so that it is paid for once. */
import { hash } from 'node:crypto';
import { ENGINES, OUTPUT_FORMATS, SPEECH_MARK_TYPES, TEXT_TYPES } from '@setlist/polly';
import { z } from 'zod';

/** The synthesizers: the local engine, free of charge, and Amazon Polly, billed by the character. */
export const PROVIDERS = ['local', 'polly'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** A SHA-256 in lower-case hex. */
export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hex');

/** Everything that affects how a phrase sounds. */
export const soundSchema = z.object({
  provider: z.enum(PROVIDERS),
  engine: z.enum(ENGINES),
  voice: z.string().min(1),
  language: z.string().min(2).optional(),
  format: z.enum(OUTPUT_FORMATS),
  sampleRate: z.int().positive().describe('Hz'),
  textType: z.enum(TEXT_TYPES),
  text: z.string().min(1),
  lexicons: z
    .array(z.object({ name: z.string(), sha256: sha256Hex.describe("of the lexicon's content") }))
    .max(5)
    .describe('in the order in which they are applied'),
  speechMarks: z.array(z.enum(SPEECH_MARK_TYPES)),
});
export type Sound = z.infer<typeof soundSchema>;

/**
 * The content hash of a sound: SHA-256 over its fields in a fixed order, as hex. Two phrases with the same hash
 * are the same audio, whatever their set, file name or time. A lexicon counts by its content, since its name
 * does not affect the audio.
 */
export function soundHash(sound: Sound): string {
  const fields = [
    'setlist-sound-1',
    sound.provider,
    sound.engine,
    sound.voice,
    sound.language ?? '',
    sound.format,
    sound.sampleRate,
    sound.textType,
    sound.text,
    sound.lexicons.map((lexicon) => lexicon.sha256),
    [...sound.speechMarks].sort(),
  ];
  return hash('sha256', JSON.stringify(fields));
}

/** The manifest beside the audio of a set that has ended: each item's outcome and its cost. */
import { ENGINES, OUTPUT_FORMATS, SPEECH_MARK_TYPES, TEXT_TYPES } from '@setlist/polly';
import { z } from 'zod';
import { chain, count, counts, HOW, instant, reason, setSource, usd } from './events/parts.ts';
import { ITEM_STATES } from './projections.ts';
import { PROVIDERS, sha256Hex } from './sound.ts';

/** The value of a manifest's `$schema`. */
export const MANIFEST_SCHEMA = 'urn:setlist:schema:setlist.manifest.v1';

/** The file names of both forms, below the set's prefix. No item of a set may take either. */
export const MANIFEST_FILES = { json: 'manifest.json', csv: 'manifest.csv' } as const;

/** The media types of both forms. */
export const MANIFEST_TYPES = { json: 'application/json', csv: 'text/csv; charset=utf-8' } as const;

/** The object keys of a set's manifest in its output store. */
export const manifestKeys = (prefix: string): { readonly json: string; readonly csv: string } => ({
  json: `${prefix}/${MANIFEST_FILES.json}`,
  csv: `${prefix}/${MANIFEST_FILES.csv}`,
});

/** One item, as its newest attempt left it. */
const manifestItemSchema = z.object({
  index: count.describe('its place in the set file, from 0'),
  file: z.string().describe('object key: prefix and file name'),
  text: z.string(),
  textType: z.enum(TEXT_TYPES),
  engine: z.enum(ENGINES),
  voice: z.string(),
  language: z.string().optional(),
  format: z.enum(OUTPUT_FORMATS),
  sampleRate: z.int().positive().describe('Hz'),
  lexicons: z.array(z.string()).describe('names, in the order in which they were applied'),
  speechMarks: z.array(z.enum(SPEECH_MARK_TYPES)),
  hash: sha256Hex.describe('content hash of the sound'),
  state: z.enum(ITEM_STATES).describe('requested: no outcome yet, for example because the set was cancelled'),
  how: z.enum(HOW).optional().describe('how the audio was obtained'),
  durationMs: count.optional(),
  bytes: count.optional(),
  sha256: sha256Hex.optional().describe('of the file'),
  billedCharacters: count.optional().describe('0 if nothing was paid for this item'),
  sparedCharacters: count.optional().describe('characters that would have been billed without reuse'),
  error: reason.extend({ tries: z.int().positive() }).optional().describe('why the item was given up'),
  attempts: z.int().positive().describe('how often it was requested: 1, plus one for each retry'),
  requestedAt: instant.describe("when it was first requested, on the broker's clock"),
  endedAt: instant.optional().describe("when its newest attempt got its outcome, on the broker's clock"),
});
export type ManifestItem = z.infer<typeof manifestItemSchema>;

/** Everything except the items. It precedes them, so that a reader finds it in the first few kilobytes. */
export const manifestHeaderSchema = z.object({
  $schema: z.literal(MANIFEST_SCHEMA),
  setId: z.string(),
  run: z.string(),
  name: z.string(),
  description: z.string().optional(),
  state: z.enum(['completed', 'cancelled']),
  round: z.int().positive().describe('1, plus one for each retry'),
  source: setSource.extend({ sha256: sha256Hex, keptAs: z.string() }).describe('the set file'),
  output: z.string().describe('URI of the store'),
  prefix: z.string(),
  location: z.string().describe('where people find the files'),
  provider: z.enum(PROVIDERS),
  acceptedAt: instant,
  startedAt: instant.describe('when the round began'),
  endedAt: instant.describe('when the last item of the round ended, or when the set was cancelled'),
  counts,
  billedCharacters: count.describe('paid for by this set, over all rounds'),
  sparedCharacters: count,
  costUsd: usd,
  savedUsd: usd.describe('what reuse saved'),
  estimatedUsd: usd.describe('if nothing could have been reused'),
  usdPerMillion: z.record(z.string(), usd).describe('price per million billed characters, by engine'),
  chain: chain.describe('the hash chain over the first `events` events of the set in the log'),
  acceptedSeq: count.describe(
    "the acceptance's place in the log: of two runs under one prefix, the later one counts",
  ),
  generatedFromSeq: count.describe(
    'the last event that this manifest includes; it derives from the log up to there',
  ),
});
export type ManifestHeader = z.infer<typeof manifestHeaderSchema>;

export const manifestSchema = manifestHeaderSchema.extend({
  items: z.array(manifestItemSchema).describe('in the order of the set file'),
});
export type Manifest = z.infer<typeof manifestSchema>;

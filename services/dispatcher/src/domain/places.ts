/** Where audio is kept under its hash, before and beside the user's names. */
import { FORMATS, type OutputFormat } from '@setlist/polly';

/** Object key of a sound's canonical audio. */
export const canonicalKey = (hash: string, format: OutputFormat): string =>
  `audio/${hash}.${FORMATS[format].extension}`;

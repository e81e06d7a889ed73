/** Where audio is kept under its hash, before and beside the user's names. */
import { AUDIO_PREFIX } from '@setlist/contracts';
import { FORMATS, type OutputFormat } from '@setlist/polly';

/** Object key of a sound's canonical audio. */
export const canonicalKey = (hash: string, format: OutputFormat): string =>
  `${AUDIO_PREFIX}${hash}.${FORMATS[format].extension}`;

/** Object key under which it is tried whether a store takes a sound's audio at all, beside the sounds' own: no sound lies there. */
export const probeKey = (hash: string, format: OutputFormat): string =>
  `${AUDIO_PREFIX}probe-${hash}.${FORMATS[format].extension}`;

const PROBE = /^audio\/probe-([0-9a-f]{64})\.[a-z0-9]+$/;

/** The sound whose audio was tried under a key; nothing where the key is that of no such try. */
export const hashOfProbe = (key: string): string | undefined => PROBE.exec(key)?.[1];

/**
 * Object key of audio that a user brought: named by its own content too, so that neither a payment under way nor
 * another's audio for the same sound can change what lies under it.
 */
export const adoptedKey = (hash: string, sha256: string, format: OutputFormat): string =>
  `${AUDIO_PREFIX}${hash}.${sha256.slice(0, 16)}.${FORMATS[format].extension}`;

/** The key prefix of a sound's task: it carries the hash, by which a lost task is found again. */
export const taskKeyPrefix = (root: string, hash: string): string => `${root}${hash}`;

/** Object keys of audio by its hash, as opposed to the users' file names. */
import { AUDIO_PREFIX } from '@setlist/contracts';
import { FORMATS, type OutputFormat } from '@setlist/polly';

/** Object key of a sound's canonical audio. */
export const canonicalKey = (hash: string, format: OutputFormat): string =>
  `${AUDIO_PREFIX}${hash}.${FORMATS[format].extension}`;

/** Object key for probing whether a store accepts a sound's audio at all; no sound is ever stored there. */
export const probeKey = (hash: string, format: OutputFormat): string =>
  `${AUDIO_PREFIX}probe-${hash}.${FORMATS[format].extension}`;

const PROBE = /^audio\/probe-([0-9a-f]{64})\.[a-z0-9]+$/;

/** The hash of the sound that a probe's key names; `undefined` where it is not a probe's key. */
export const hashOfProbe = (key: string): string | undefined => PROBE.exec(key)?.[1];

/**
 * Object key of audio that a user brought. It also names the content, so that neither a payment in progress nor another
 * user's audio for the same sound can overwrite it.
 */
export const adoptedKey = (hash: string, sha256: string, format: OutputFormat): string =>
  `${AUDIO_PREFIX}${hash}.${sha256.slice(0, 16)}.${FORMATS[format].extension}`;

/** The key prefix of a sound's task: it contains the hash, by which a lost task can be found again. */
export const taskKeyPrefix = (root: string, hash: string): string => `${root}${hash}`;

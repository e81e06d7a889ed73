/** Under which keys canonical audio lies in the store, and whose it is. */

/** What the keys of canonical audio begin with, in the store that dispatchers keep it in. */
export const AUDIO_PREFIX = 'audio/';

const AUDIO_KEY = /^audio\/([0-9a-f]{64})(?:\.[0-9a-f]{16})?\.[a-z0-9]+$/;

/** The sound whose audio lies under a key; nothing where the key is none of ours. */
export const hashOfAudioKey = (key: string): string | undefined => AUDIO_KEY.exec(key)?.[1];

/**
 * Whether a payment names audio of its own sound. One that doesn't is none of ours, and its audio counts as missing: what
 * else lies in a store, such as set files, is not handed out for audio because an event says so.
 */
export const namesItsAudio = ({
  object,
  hash,
}: {
  readonly object: string;
  readonly hash: string;
}): boolean => hashOfAudioKey(object) === hash;

/** The keys under which canonical audio is stored, and the sound that each belongs to. */

/** The prefix of every key of canonical audio in the dispatchers' store. */
export const AUDIO_PREFIX = 'audio/';

const AUDIO_KEY = /^audio\/([0-9a-f]{64})(?:\.[0-9a-f]{16})?\.[a-z0-9]+$/;

/** The hash of the sound whose audio is stored under a key; undefined where the key is not one of ours. */
export const hashOfAudioKey = (key: string): string | undefined => AUDIO_KEY.exec(key)?.[1];

/**
 * Whether a payment names audio of its own sound. If it doesn't, its audio counts as missing: other objects in the
 * store, such as set files, must not be handed out as audio just because an event says so.
 */
export const namesItsAudio = ({
  object,
  hash,
}: {
  readonly object: string;
  readonly hash: string;
}): boolean => hashOfAudioKey(object) === hash;

/** Makes audio that a user owns a known sound: checked, stored beside the paid ones, and noted as paid by nobody. */
import { hash as hashOf } from 'node:crypto';
import type { Sound } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { FORMATS } from '@setlist/polly';
import type { ObjectStore } from '@setlist/storage';
import { adoptedKey } from '../domain/places.ts';
import type { SoundState } from '../domain/sound-life.ts';
import { type BroughtSound, noteAdopted } from '../ledger/by-hand.ts';
import { readSound } from '../ledger/payments.ts';
import { checkBrought, NotThatSound } from './check-brought.ts';

/** Who adopts, and where to. */
export interface Adopter {
  readonly log: Pick<EventLog, 'append' | 'last' | 'clock'>;
  /** Where canonical audio is kept. */
  readonly store: ObjectStore;
  /** Who adopts, as the log will have it: another name for each run of the command. */
  readonly by: string;
}

/** Audio that is said to be a sound. */
export interface Offer {
  readonly hash: string;
  readonly sound: Pick<Sound, 'engine' | 'format' | 'sampleRate'>;
  readonly read: () => Promise<Uint8Array>;
}

/** What became of an offer. */
export type Adoption =
  | ({ readonly kind: 'adopted' } & Looked)
  /** It was only looked at. */
  | ({ readonly kind: 'adoptable' } & Looked)
  /** The sound has its audio already, or a newer version says something of it that is none of ours; nothing is changed. */
  | { readonly kind: 'known' }
  /** A dispatcher has claimed it, and pays for it or has died over it; nothing is changed. */
  | { readonly kind: 'claimed' }
  | { readonly kind: 'unusable'; readonly why: string };

interface Looked {
  readonly bytes: number;
  readonly durationMs: number;
}

/** What the ledger says of a sound, for whoever would adopt it. */
export type Standing = 'open' | 'known' | 'claimed';

type OpenState = SoundState & { kind: 'unknown' | 'freed' };

/** A payment goes on standing when recording its sound afresh came to nothing. */
const isOpen = (state: SoundState): state is OpenState =>
  state.kind === 'unknown' || (state.kind === 'freed' && state.standing === undefined);

function standingOf(state: SoundState): Standing {
  if (isOpen(state)) return 'open';
  return state.kind === 'claimed' ? 'claimed' : 'known';
}

export const soundStanding = async (log: Pick<EventLog, 'last'>, hash: string): Promise<Standing> =>
  standingOf(await readSound(log, hash));

/** Looks at the audio of an offer without adopting it. */
export async function inspect({ sound, read }: Offer): Promise<Adoption> {
  const looked = await look(await read(), sound);
  return 'why' in looked ? looked : { kind: 'adoptable', ...looked };
}

/**
 * Adopts a sound that nobody has, or says why not. Repeating it changes nothing.
 * The audio is stored first: a crash before the note leaves an object that nobody knows, and the next run notes it.
 * @throws StoreError where the audio can't be read or stored
 */
export async function adopt(adopter: Adopter, offer: Offer): Promise<Adoption> {
  const state = await readSound(adopter.log, offer.hash);
  if (!isOpen(state)) return { kind: state.kind === 'claimed' ? 'claimed' : 'known' };
  const audio = await offer.read();
  const looked = await look(audio, offer.sound);
  if ('why' in looked) return looked;
  const brought = describe(offer, audio, looked.durationMs);
  const { object, contentType, hash } = brought;
  await adopter.store.put(object, audio, { contentType, metadata: { hash }, ifAbsent: true });
  const now = await noteAdopted(adopter.log, state, { ...brought, by: adopter.by });
  if (now.kind === 'paid' && now.paid.object === object) {
    return now.paid.by === adopter.by ? { kind: 'adopted', ...looked } : { kind: 'known' };
  }
  // What a newer version has said of it may be about this very object.
  if (now.kind === 'unreadable') return { kind: 'known' };
  // Somebody claimed it meanwhile. The object is named by its content: it can only be ours, and nobody's now.
  await adopter.store.delete(object);
  return { kind: now.kind === 'paid' ? 'known' : 'claimed' };
}

async function look(
  audio: Uint8Array,
  sound: Offer['sound'],
): Promise<Looked | (Adoption & { kind: 'unusable' })> {
  try {
    return { bytes: audio.length, durationMs: await checkBrought(audio, sound) };
  } catch (error) {
    if (error instanceof NotThatSound) return { kind: 'unusable', why: error.message };
    throw error;
  }
}

function describe({ hash, sound }: Offer, audio: Uint8Array, durationMs: number): BroughtSound {
  const sha256 = hashOf('sha256', audio);
  const { contentType } = FORMATS[sound.format];
  const object = adoptedKey(hash, sha256, sound.format);
  return { hash, lane: sound.engine, object, contentType, bytes: audio.length, sha256, durationMs };
}

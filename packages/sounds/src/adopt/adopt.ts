/**
 * Makes audio that a user owns a known sound: checked, stored beside the paid ones, and noted as paid by nobody. What was
 * paid for and is gone from the store is put back.
 */
import { hash as hashOf } from 'node:crypto';
import type { Sound } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { FORMATS } from '@setlist/polly';
import type { ObjectStore } from '@setlist/storage';
import { adoptedKey } from '../domain/places.ts';
import { type PaidSound, type SoundState, standsAt } from '../domain/sound-life.ts';
import { type BroughtSound, noteAdopted } from '../ledger/by-hand.ts';
import { paymentAt, readSound } from '../ledger/payments.ts';
import { checkBrought, NotThatSound } from './check-brought.ts';

/** Whose sounds they are: what the log says of them, and where their audio is kept. */
export interface SoundPlace {
  readonly log: Pick<EventLog, 'first' | 'last' | 'clock'>;
  readonly store: ObjectStore;
}

/** Who adopts, and where to. */
export interface Adopter extends SoundPlace {
  readonly log: Pick<EventLog, 'append' | 'first' | 'last' | 'clock'>;
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
  /** It was paid for and gone from the store, which has it again. */
  | ({ readonly kind: 'restored' } & Looked)
  /** It was only looked at. */
  | ({ readonly kind: 'adoptable' } & Looked)
  /** The sound has its audio already, or a newer version says something of it that is none of ours; nothing is changed. */
  | { readonly kind: 'known' }
  /** A dispatcher has claimed it, and pays for it or has died over a task; nothing is changed. */
  | { readonly kind: 'claimed' }
  | Unusable;

type Unusable = { readonly kind: 'unusable'; readonly why: string };

interface Looked {
  readonly bytes: number;
  readonly durationMs: number;
}

/** How a sound stands, for whoever would bring its audio: `open` where it has none, or its own is gone from the store. */
export type Standing = 'open' | 'known' | 'claimed';

type OpenState = SoundState & { kind: 'unknown' | 'freed' | 'claimed' };

/** How a sound stands in the log and in the store. */
type Place =
  | { readonly kind: 'open'; readonly state: OpenState }
  /** The audio that was paid for is not in the store, or not whole. */
  | { readonly kind: 'gone'; readonly paid: PaidSound }
  | { readonly kind: 'known' }
  | { readonly kind: 'claimed' };

const NOBODY_HAS_IT: Place = { kind: 'open', state: { kind: 'unknown', seq: 0 } };

/** Whether a store holds the audio of the payment at a sequence. */
type Holds = (audio: Pick<PaidSound, 'object' | 'bytes'> & { readonly seq: number }) => Promise<boolean>;

/**
 * A payment goes on standing when recording its sound afresh came to nothing. A claim that ran out is taken over, as by any
 * dispatcher, unless a task may have been started under it; what its holder yet pays is noted after it, as repaid.
 * @param now by the broker's clock, in ms
 */
function isOpen(state: SoundState, now: number): state is OpenState {
  if (state.kind === 'unknown') return true;
  if (state.kind !== 'freed' && state.kind !== 'claimed') return false;
  if (standsAt(state) !== undefined) return false;
  return state.kind === 'freed' || (state.claim.until <= now && state.claim.task === undefined);
}

async function placeOf(log: SoundPlace['log'], hash: string, holds: Holds): Promise<Place> {
  const state = await readSound(log, hash);
  if (isOpen(state, log.clock.now())) return { kind: 'open', state };
  if (state.kind === 'claimed') return { kind: 'claimed' };
  const seq = standsAt(state);
  const payment = state.kind === 'paid' || seq === undefined ? state : await paymentAt(log, hash, seq);
  if (payment?.kind !== 'paid') return { kind: 'known' };
  const { object, bytes } = payment.paid;
  const isThere = await holds({ object, bytes, seq: payment.seq });
  return isThere ? { kind: 'known' } : { kind: 'gone', paid: payment.paid };
}

export async function soundStanding(log: SoundPlace['log'], hash: string, holds: Holds): Promise<Standing> {
  const { kind } = await placeOf(log, hash, holds);
  return kind === 'gone' ? 'open' : kind;
}

const placeIn = ({ log, store }: SoundPlace, hash: string): Promise<Place> =>
  placeOf(log, hash, async ({ object, bytes }) => (await store.head(object))?.bytes === bytes);

/**
 * Looks at an offer and at how its sound stands, and takes nothing.
 * @param sounds nothing where there are none yet
 */
export async function inspect(sounds: SoundPlace | undefined, offer: Offer): Promise<Adoption> {
  const place = sounds ? await placeIn(sounds, offer.hash) : NOBODY_HAS_IT;
  if (place.kind === 'known' || place.kind === 'claimed') return place;
  const looked = await look(await offer.read(), offer.sound, place);
  return 'why' in looked ? looked : { kind: 'adoptable', ...looked };
}

/**
 * Adopts a sound that nobody has, or puts back what was paid for and is gone, or says why not. Repeating it changes nothing.
 * @throws StoreError where the audio can't be read or stored
 */
export async function adopt(adopter: Adopter, offer: Offer): Promise<Adoption> {
  const place = await placeIn(adopter, offer.hash);
  if (place.kind === 'known' || place.kind === 'claimed') return place;
  const audio = await offer.read();
  const looked = await look(audio, offer.sound, place);
  if ('why' in looked) return looked;
  if (place.kind === 'gone') return putBack(adopter.store, place.paid, audio);
  return take(adopter, place.state, { audio, looked, brought: describe(offer, audio, looked.durationMs) });
}

/** The log says all of it already. What is there is left: whoever pays for the sound anew stores under the same key. */
async function putBack(store: ObjectStore, paid: PaidSound, audio: Uint8Array): Promise<Adoption> {
  const { object, contentType, hash, bytes, durationMs } = paid;
  if (await store.put(object, audio, { contentType, metadata: { hash }, ifAbsent: true })) {
    return { kind: 'restored', bytes, durationMs };
  }
  if ((await store.head(object))?.bytes === bytes) return { kind: 'known' };
  const what = `${store.locate(object)} is not the audio that was paid for`;
  return { kind: 'unusable', why: `${what}, and in the way of it: remove it, then adopt again` };
}

/** The audio is stored first: a crash before the note leaves an object that nobody knows, and the next run notes it. */
async function take(
  { log, store, by }: Adopter,
  state: OpenState,
  { audio, looked, brought }: { audio: Uint8Array; looked: Looked; brought: BroughtSound },
): Promise<Adoption> {
  const { object, contentType, hash } = brought;
  await store.put(object, audio, { contentType, metadata: { hash }, ifAbsent: true });
  const now = await noteAdopted(log, state, { ...brought, by });
  if (now.kind === 'paid' && now.paid.object === object) {
    return now.paid.by === by ? { kind: 'adopted', ...looked } : { kind: 'known' };
  }
  // What a newer version has said of it may be about this very object.
  if (now.kind === 'unreadable') return { kind: 'known' };
  // Somebody claimed it meanwhile. The object is named by its content: it can only be ours, and nobody's now.
  await store.delete(object);
  return { kind: now.kind === 'paid' ? 'known' : 'claimed' };
}

const OTHER_AUDIO =
  'the sound is paid for and its audio is gone from the store, and this is other audio than was paid for; a run pays for it again';

async function look(
  audio: Uint8Array,
  sound: Offer['sound'],
  place: Place & { kind: 'open' | 'gone' },
): Promise<Looked | Unusable> {
  if (place.kind === 'gone') {
    const { sha256, bytes, durationMs } = place.paid;
    return sha256Of(audio) === sha256 ? { bytes, durationMs } : { kind: 'unusable', why: OTHER_AUDIO };
  }
  try {
    return { bytes: audio.length, durationMs: await checkBrought(audio, sound) };
  } catch (error) {
    if (error instanceof NotThatSound) return { kind: 'unusable', why: error.message };
    throw error;
  }
}

const sha256Of = (audio: Uint8Array): string => hashOf('sha256', audio);

function describe({ hash, sound }: Offer, audio: Uint8Array, durationMs: number): BroughtSound {
  const sha256 = sha256Of(audio);
  const { contentType } = FORMATS[sound.format];
  const object = adoptedKey(hash, sha256, sound.format);
  return { hash, lane: sound.engine, object, contentType, bytes: audio.length, sha256, durationMs };
}

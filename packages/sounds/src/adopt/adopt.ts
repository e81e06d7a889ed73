/**
 * Turns audio that a user owns into a known sound: checked, stored beside the paid ones, and logged at no cost. Audio
 * that was paid for and is gone from the store is put back.
 */
import { hash as hashOf } from 'node:crypto';
import type { Sound } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { FORMATS } from '@setlist/polly';
import type { ObjectStore } from '@setlist/storage';
import { adoptedKey, canonicalKey } from '../domain/places.ts';
import { mayHaveLeftAudio, type PaidSound, type ReadableState, standsAt } from '../domain/sound-life.ts';
import { type BroughtSound, noteAdopted } from '../ledger/by-hand.ts';
import { paymentAt, readSound, standingPayment } from '../ledger/payments.ts';
import { checkBrought, NotThatSound } from './check-brought.ts';

/** A system's sounds: their log, and the store of their audio. */
export interface SoundPlace {
  readonly log: Pick<EventLog, 'first' | 'last' | 'clock'>;
  readonly store: ObjectStore;
}

/** The adopting command, and the system it adopts into. */
export interface Adopter extends SoundPlace {
  readonly log: Pick<EventLog, 'append' | 'first' | 'last' | 'clock'>;
  /** Name of the adopter for the log, different for each run of the command. */
  readonly by: string;
}

/** Audio that a user offers as a sound's. */
export interface Offer {
  readonly hash: string;
  readonly sound: Pick<Sound, 'engine' | 'format' | 'sampleRate'>;
  readonly read: () => Promise<Uint8Array>;
}

type Wanted = Pick<Offer, 'hash' | 'sound'>;

/** What became of an offer. */
export type Adoption =
  | ({ readonly kind: 'adopted' } & Looked)
  /** It had been paid for and was gone from the store; it is stored again. */
  | ({ readonly kind: 'restored' } & Looked)
  /** It was only inspected. */
  | ({ readonly kind: 'adoptable' } & Looked)
  /** The sound already has audio, or its last event can be read only by a newer version; nothing is changed. */
  | { readonly kind: 'known' }
  /** A dispatcher is paying for it, or crashed and left a task or audio that may be billed; nothing is changed. */
  | { readonly kind: 'claimed' }
  | Unusable;

type Unusable = { readonly kind: 'unusable'; readonly why: string };

interface Looked {
  readonly bytes: number;
  readonly durationMs: number;
}

/** Whether a sound can be given audio: `open` where it has none, or where its audio is gone from the store. */
export type Standing = 'open' | 'known' | 'claimed';

/** A sound's state in the log and in the store. */
type Place =
  | { readonly kind: 'open'; readonly state: ReadableState }
  /** The audio that was paid for or adopted is not in the store, or incomplete. */
  | {
      readonly kind: 'gone';
      readonly paid: PaidSound;
      readonly state: ReadableState;
      /** Whether a dispatcher that was making it again may have left a task or audio. */
      readonly isLeft: boolean;
    }
  | { readonly kind: 'known' }
  | { readonly kind: 'claimed' };

const NOBODY_HAS_IT: Place = { kind: 'open', state: { kind: 'unknown', seq: 0 } };

/** Whether a store holds the audio of the payment at a sequence. */
type Holds = (audio: Pick<PaidSound, 'object' | 'bytes'> & { readonly seq: number }) => Promise<boolean>;

/**
 * Whether a sound without a payment in force can be adopted. An expired claim is taken over, as a dispatcher would do;
 * if its holder still pays, that payment is logged afterwards as `repaid`.
 * @param now by the broker's clock, in ms
 */
function isOpen(state: ReadableState, now: number): boolean {
  if (state.kind === 'claimed') return state.claim.until <= now;
  return state.kind === 'unknown' || state.kind === 'freed';
}

/** Whether a dispatcher may have left a task, or has left audio, that may be billed: the next run looks for it. */
async function isLeft(store: ObjectStore, state: ReadableState, { hash, sound }: Wanted): Promise<boolean> {
  if (state.kind === 'freed' && state.lost !== undefined) return true;
  if (state.kind === 'claimed' && state.claim.task !== undefined) return true;
  return mayHaveLeftAudio(state) && (await store.head(canonicalKey(hash, sound.format))) !== undefined;
}

/** A payment stays in force when recording its sound again failed. */
async function placeOf({ log, store }: SoundPlace, wanted: Wanted, holds: Holds): Promise<Place> {
  const { hash } = wanted;
  const state = await readSound(log, hash);
  if (state.kind === 'unreadable') return { kind: 'known' };
  const seq = standsAt(state);
  if (seq === undefined) {
    const isFree = isOpen(state, log.clock.now()) && !(await isLeft(store, state, wanted));
    return isFree ? { kind: 'open', state } : { kind: 'claimed' };
  }
  if (state.kind === 'claimed' && state.claim.until > log.clock.now()) return { kind: 'claimed' };
  const payment = state.kind === 'paid' ? state : await paymentAt(log, hash, seq);
  if (payment?.kind !== 'paid') return { kind: 'known' };
  const { object, bytes } = payment.paid;
  if (await holds({ object, bytes, seq: payment.seq })) return { kind: 'known' };
  return { kind: 'gone', paid: payment.paid, state, isLeft: await isLeft(store, state, wanted) };
}

/**
 * Whether a sound can be given audio, by the log and the store; changes nothing. Audio that is offered for an `open` sound
 * can still be refused, once it is read: see {@link inspect}.
 * @param holds whether the store has a payment's audio, complete
 * @throws StoreError
 */
export async function soundStanding(sounds: SoundPlace, wanted: Wanted, holds: Holds): Promise<Standing> {
  const { kind } = await placeOf(sounds, wanted, holds);
  return kind === 'gone' ? 'open' : kind;
}

const placeIn = (sounds: SoundPlace, wanted: Wanted): Promise<Place> =>
  placeOf(sounds, wanted, async ({ object, bytes }) => (await sounds.store.head(object))?.bytes === bytes);

/**
 * Checks an offer and its sound's state, and changes nothing.
 * @param sounds `undefined` where there are no sounds yet
 */
export async function inspect(sounds: SoundPlace | undefined, offer: Offer): Promise<Adoption> {
  const place = sounds ? await placeIn(sounds, offer) : NOBODY_HAS_IT;
  if (place.kind === 'known' || place.kind === 'claimed') return place;
  const audio = await offer.read();
  if (isInTheWay(audio, place)) return { kind: 'claimed' };
  const looked = await look(audio, offer.sound, place);
  return 'why' in looked ? looked : { kind: 'adoptable', ...looked };
}

/**
 * Adopts a sound without audio or whose adopted audio is gone, or puts back audio that was paid for and is gone, or says
 * why not. It is idempotent.
 * @throws StoreError where the audio can't be read or stored
 */
export async function adopt(adopter: Adopter, offer: Offer): Promise<Adoption> {
  const place = await placeIn(adopter, offer);
  if (place.kind === 'known' || place.kind === 'claimed') return place;
  const audio = await offer.read();
  if (isInTheWay(audio, place)) return { kind: 'claimed' };
  const looked = await look(audio, offer.sound, place);
  if ('why' in looked) return looked;
  const brought = describe(offer, audio, looked.durationMs);
  if (place.kind === 'gone' && place.paid.sha256 === brought.sha256) {
    const put = await putBack(adopter.store, place.paid, audio);
    if (put.kind !== 'unusable') return put;
    // A dispatcher may have paid for the sound again meanwhile, and stored that audio there.
    const now = await readSound(adopter.log, offer.hash);
    if (now.seq !== place.state.seq) return adopt(adopter, offer);
    // What is in the way may be what a dispatcher left before it died.
    return place.isLeft ? { kind: 'claimed' } : put;
  }
  return take(adopter, place.state, { audio, looked, brought });
}

/** What a dispatcher may have left has to be looked for before other audio than was paid for takes its place. */
const isInTheWay = (audio: Uint8Array, place: Place): boolean =>
  place.kind === 'gone' && place.isLeft && hashOf('sha256', audio) !== place.paid.sha256;

/** The log needs no event. An existing object is left: a dispatcher that pays for the sound again uses the same key. */
async function putBack(store: ObjectStore, paid: PaidSound, audio: Uint8Array): Promise<Adoption> {
  const { object, contentType, hash, bytes, durationMs, how } = paid;
  if (await store.put(object, audio, { contentType, metadata: { hash }, ifAbsent: true })) {
    return { kind: 'restored', bytes, durationMs };
  }
  if ((await store.head(object))?.bytes === bytes) return { kind: 'known' };
  const what = `${store.locate(object)} is not the audio that was ${how === 'adopted' ? 'adopted' : 'paid for'}`;
  return { kind: 'unusable', why: `${what}, and is in the way of it: remove it, then adopt again` };
}

/** The audio is stored first: a crash before the event leaves an object not in the log, and the next run logs it. */
async function take(
  { log, store, by }: Adopter,
  state: ReadableState,
  { audio, looked, brought }: { audio: Uint8Array; looked: Looked; brought: BroughtSound },
): Promise<Adoption> {
  const { object, contentType, hash } = brought;
  await store.put(object, audio, { contentType, metadata: { hash }, ifAbsent: true });
  const now = await noteAdopted(log, state, { ...brought, by });
  if (now.kind === 'paid' && now.paid.object === object) {
    return now.paid.by === by ? { kind: 'adopted', ...looked } : { kind: 'known' };
  }
  // The event of a newer version may be about this very object.
  if (now.kind === 'unreadable') return { kind: 'known' };
  // The sound was claimed meanwhile. The object is named by its content: another adoption may have stored and logged it.
  if ((await standingPayment(log, hash))?.paid.object !== object) await store.delete(object);
  return { kind: now.kind === 'paid' ? 'known' : 'claimed' };
}

const OTHER_AUDIO =
  'the sound is paid for and its audio is gone from the store, but this is other audio than was paid for; a run pays for it again';

async function look(
  audio: Uint8Array,
  sound: Offer['sound'],
  place: Place & { kind: 'open' | 'gone' },
): Promise<Looked | Unusable> {
  if (place.kind === 'gone') {
    const { sha256, bytes, durationMs, how } = place.paid;
    if (hashOf('sha256', audio) === sha256) return { bytes, durationMs };
    if (how !== 'adopted') return { kind: 'unusable', why: OTHER_AUDIO };
  }
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

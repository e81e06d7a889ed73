/**
 * The ledger of sounds, held against how a sound's life goes. Each step names the claim it belongs to:
 *
 *      nothing ──claimed(n)──▶ [task started(n)] ──▶ paid(≤ n) ──claimed(n + 1)──▶ …
 *                   │  ▲                 │
 *                   │  └ claimed(n + 1): renewed, or taken over
 *                   └──────▶ freed(n) ◀──┴── paid(n), when a user had unused audio removed
 *
 * A payment may carry an older claim than the last: who was overtaken while calling has paid all the same. It names the
 * last one too, which the next follows; earlier versions did not, and went on from the older one. A second
 * one must say `repaid`, unless it was brought by its owner. Earlier versions did not say it of audio that was found,
 * nor of a task that another might have been started before: that is noted, and no fault.
 */
import { DigestTable, digestOf, type EventOf, type SetlistEvent } from '@setlist/contracts';
import { grown } from '../fold/row-states.ts';
import type { FaultCode, NoteCode } from './finding.ts';

const KINDS = ['claimed', 'task', 'paid', 'freed'] as const;
type Kind = (typeof KINDS)[number];

export type SoundEvent =
  | EventOf<'SoundClaimed'>
  | EventOf<'SoundTaskStarted'>
  | EventOf<'SoundPaid'>
  | EventOf<'SoundFreed'>;

export const isSoundEvent = (event: SetlistEvent | undefined): event is SoundEvent =>
  event?.name === 'SoundClaimed' ||
  event?.name === 'SoundTaskStarted' ||
  event?.name === 'SoundPaid' ||
  event?.name === 'SoundFreed';

/** What is wrong with a step, and where that is told. */
export interface Fault {
  readonly code: FaultCode;
  readonly what: string;
}

/** What is to be told of a step: mostly a fault. */
export type Verdict = Fault | { readonly code: NoteCode; readonly what: string };

interface Sound {
  readonly last: Kind | undefined;
  /** Ordinal of the last event's claim, and the highest so far. */
  readonly claim: number;
  readonly highest: number;
  readonly wasPaid: boolean;
  /** Whether a payment stands, beside which another has to say why. */
  readonly stands: boolean;
  /** Whether a claim before the last may have started a task without saying so. */
  readonly inDoubt: boolean;
}

const UNKNOWN: Sound = {
  last: undefined,
  claim: 0,
  highest: 0,
  wasPaid: false,
  stands: false,
  inDoubt: false,
};

/** Every sound of a log in some fifty bytes. */
export class Ledger {
  /** By hash, from 1. */
  readonly #places = new DigestTable();
  #claims = new Uint32Array(64);
  #highest = new Uint32Array(64);
  /** The last kind in two bits, then a bit each: ever paid, a payment stands, in doubt. */
  #bits = new Uint8Array(64);

  /** Whether any payment for the sound has been seen. */
  wasPaid(hash: string): boolean {
    return this.#read(hash).wasPaid;
  }

  /** Takes note of a step, and tells what is wrong with it. */
  apply(event: SoundEvent): Verdict | undefined {
    const { hash, claim } = event.data;
    const sound = this.#read(hash);
    const highest = Math.max(sound.highest, claim);
    switch (event.name) {
      case 'SoundClaimed': {
        const inDoubt = isInDoubt(sound, event);
        this.#write(hash, { ...sound, last: 'claimed', claim, highest, inDoubt });
        return isOneOf(claim - 1, sound) ? undefined : outOfTurn(sound, claim);
      }
      case 'SoundTaskStarted':
        this.#write(hash, { ...sound, last: 'task', claim, highest });
        return isHeld(sound, claim) ? undefined : stepFault('a task was started', claim);
      case 'SoundFreed': {
        const isRemoved = sound.last === 'paid' && isOneOf(claim, sound);
        this.#write(hash, { ...sound, last: 'freed', claim, highest, stands: sound.stands && !isRemoved });
        return isRemoved || isHeld(sound, claim) ? undefined : stepFault('a claim was given up', claim);
      }
      case 'SoundPaid':
        this.#write(hash, { ...sound, last: 'paid', claim, highest, wasPaid: true, stands: true });
        return paymentFault(sound, event);
      default:
        return event satisfies never;
    }
  }

  #read(hash: string): Sound {
    const place = this.#places.get(digestOf(hash));
    if (place === undefined) return UNKNOWN;
    const bits = this.#bits[place] ?? 0;
    return {
      last: KINDS[bits & 3],
      claim: this.#claims[place] ?? 0,
      highest: this.#highest[place] ?? 0,
      wasPaid: (bits & 4) > 0,
      stands: (bits & 8) > 0,
      inDoubt: (bits & 16) > 0,
    };
  }

  #write(hash: string, sound: Sound & { last: Kind }): void {
    const next = this.#places.size + 1;
    const place = this.#places.add(digestOf(hash), next) ?? next;
    this.#claims = grown(this.#claims, place + 1);
    this.#highest = grown(this.#highest, place + 1);
    this.#bits = grown(this.#bits, place + 1);
    this.#claims[place] = sound.claim;
    this.#highest[place] = sound.highest;
    this.#bits[place] =
      KINDS.indexOf(sound.last) | (sound.wasPaid ? 4 : 0) | (sound.stands ? 8 : 0) | (sound.inDoubt ? 16 : 0);
  }
}

const isHeld = ({ last, claim }: Sound, by: number): boolean =>
  (last === 'claimed' || last === 'task') && claim === by;

/** The last event's own claim, or the highest: they differ after a payment that came late. */
const isOneOf = (ordinal: number, { claim, highest }: Sound): boolean =>
  ordinal === claim || ordinal === highest;

const outOfTurn = ({ highest }: Sound, claim: number): Fault => ({
  code: 'claim-out-of-turn',
  what: `claim ${claim} of the sound follows claim ${highest}; it had to be ${highest + 1}`,
});

const stepFault = (what: string, claim: number): Fault => ({
  code: 'step-without-claim',
  what: `${what} under claim ${claim}, which nobody held`,
});

function isInDoubt({ last, inDoubt }: Sound, { data }: EventOf<'SoundClaimed'>): boolean {
  const { because, lost } = data;
  if (because === 'expired') return true;
  // Renewed, it stays what it was: the task that it names by then is its own.
  if (last === 'claimed' || last === 'task') return inDoubt;
  return because === 'cut' && lost !== undefined && lost.taskId === undefined;
}

function paymentFault(sound: Sound, { data }: EventOf<'SoundPaid'>): Verdict | undefined {
  const { claim, lastClaim = claim, how, repaid } = data;
  if (how === 'adopted') return undefined;
  if (Math.max(claim, lastClaim) > sound.highest) {
    return {
      code: 'paid-without-claim',
      what: `it was paid under claim ${claim} of ${lastClaim}, which nobody made`,
    };
  }
  if (!sound.stands || repaid) return undefined;
  const wasTakenForFirst = how === 'recovered' || (how === 'task' && sound.inDoubt);
  const what = 'a second payment does not say why it was made';
  return { code: wasTakenForFirst ? 'repaid-unsaid' : 'paid-twice', what };
}

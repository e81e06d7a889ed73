/**
 * Checks the ledger of sounds against the life cycle of a sound. Each step names the claim it belongs to:
 *
 *      nothing ──claimed(n)──▶ [task started(n)] ──▶ paid(≤ n) ──claimed(n + 1)──▶ …
 *                   │  ▲                 │
 *                   │  └ claimed(n + 1): renewed, or taken over
 *                   └──────▶ freed(n) ◀──┴── paid(n), when a user had unused audio removed
 *
 * A payment can carry an older claim than the last: a dispatcher that lost its claim during the call has still paid.
 * Such a payment also names the last claim, and the next claim follows that one; earlier versions did not name it, and
 * the next claim followed the older one. A second payment must say `repaid`, unless the owner brought the audio
 * (`adopted`). Earlier versions omitted `repaid` for audio that they found, and for a task where an earlier one might
 * have been started: that is a note, not a fault.
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

/** What is wrong with a step: the code of the finding, and its message. */
export interface Fault {
  readonly code: FaultCode;
  readonly what: string;
}

/** What to report of a step: a fault or a note. */
export type Verdict = Fault | { readonly code: NoteCode; readonly what: string };

interface Sound {
  readonly last: Kind | undefined;
  /** Ordinal of the last event's claim; `highest` is the highest ordinal seen. */
  readonly claim: number;
  readonly highest: number;
  readonly wasPaid: boolean;
  /** Whether there is a payment in force: another one then has to say why it was made. */
  readonly stands: boolean;
  /** Whether a claim before the last may have started a task without recording it. */
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

/** The state of every sound of a log, in about fifty bytes each. */
export class Ledger {
  /** Index into the arrays below by the sound's hash, starting at 1. */
  readonly #places = new DigestTable();
  #claims = new Uint32Array(64);
  #highest = new Uint32Array(64);
  /** Lowest two bits: the last kind; then a bit each: ever paid, a payment in force, in doubt. */
  #bits = new Uint8Array(64);

  /** Whether any payment for the sound has been seen. */
  wasPaid(hash: string): boolean {
    return this.#read(hash).wasPaid;
  }

  /** Records a step. @returns what is wrong with it, if anything */
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

/** Whether the ordinal is the last event's claim or the highest: the two differ after a late payment. */
const isOneOf = (ordinal: number, { claim, highest }: Sound): boolean =>
  ordinal === claim || ordinal === highest;

const outOfTurn = ({ highest }: Sound, claim: number): Fault => ({
  code: 'claim-out-of-turn',
  what: `claim ${claim} of the sound follows claim ${highest}, but only ${highest + 1} can`,
});

const stepFault = (what: string, claim: number): Fault => ({
  code: 'step-without-claim',
  what: `${what} under claim ${claim}, which was not held at that point`,
});

function isInDoubt({ last, inDoubt }: Sound, { data }: EventOf<'SoundClaimed'>): boolean {
  const { because, lost } = data;
  if (because === 'expired') return true;
  // A renewed claim keeps its value: the task that it names is its own.
  if (last === 'claimed' || last === 'task') return inDoubt;
  return because === 'cut' && lost !== undefined && lost.taskId === undefined;
}

function paymentFault(sound: Sound, { data }: EventOf<'SoundPaid'>): Verdict | undefined {
  const { claim, lastClaim = claim, how, repaid } = data;
  if (how === 'adopted') return undefined;
  if (Math.max(claim, lastClaim) > sound.highest) {
    return {
      code: 'paid-without-claim',
      what: `it was paid under claim ${claim} with ${lastClaim} as the last claim; the log has claims up to ${sound.highest}`,
    };
  }
  if (!sound.stands || repaid) return undefined;
  const wasTakenForFirst = how === 'recovered' || (how === 'task' && sound.inDoubt);
  const what = 'a second payment does not say why it was made';
  return { code: wasTakenForFirst ? 'repaid-unsaid' : 'paid-twice', what };
}

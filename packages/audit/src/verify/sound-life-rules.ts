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
import type { EventData, EventName, EventOf, SetlistEvent } from '@setlist/contracts';
import type { Fault, Judgement } from './judgement.ts';

export type SoundEvent =
  | EventOf<'SoundClaimed'>
  | EventOf<'SoundTaskStarted'>
  | EventOf<'SoundPaid'>
  | EventOf<'SoundFreed'>;

/** What a payment and an outcome both say of the audio. */
export type Audio = Pick<EventData<'SoundPaid'>, 'sha256' | 'bytes' | 'durationMs'>;

/** What this check needs of an event. */
export type SoundStep =
  | StepOf<'SoundClaimed', 'because' | 'lost'>
  | StepOf<'SoundTaskStarted'>
  | StepOf<'SoundPaid', 'how' | 'repaid' | 'lastClaim' | keyof Audio>
  | StepOf<'SoundFreed'>;

interface StepOf<Name extends EventName & SoundEvent['name'], Field extends keyof EventData<Name> = never> {
  readonly name: Name;
  readonly data: Pick<EventData<Name>, 'hash' | 'claim' | 'by' | Field>;
}

type StepNamed<Name> = Extract<SoundStep, { readonly name: Name }>;

export const isSoundEvent = (event: SetlistEvent | undefined): event is SoundEvent =>
  event?.name === 'SoundClaimed' ||
  event?.name === 'SoundTaskStarted' ||
  event?.name === 'SoundPaid' ||
  event?.name === 'SoundFreed';

interface Sound {
  readonly last: 'claimed' | 'task' | 'paid' | 'freed' | undefined;
  /** Ordinal of the last event's claim; `highest` is the highest ordinal seen. */
  readonly claim: number;
  readonly highest: number;
  /** The audio that was paid for, of each payment once. */
  readonly paidFor: readonly string[];
  /** Whether there is a payment in force: another one then has to say why it was made. */
  readonly stands: boolean;
  /** Whether a claim before the last may have started a task without recording it. */
  readonly inDoubt: boolean;
}

const UNKNOWN: Sound = {
  last: undefined,
  claim: 0,
  highest: 0,
  paidFor: [],
  stands: false,
  inDoubt: false,
};

export class SoundLives {
  readonly #sounds = new Map<string, Sound>();

  /** Whether any payment for the sound has been seen. */
  wasPaid(hash: string): boolean {
    return this.#soundOf(hash).paidFor.length > 0;
  }

  /** Whether any payment for the sound was for this audio. */
  wasPaidFor({ hash, ...audio }: Audio & { readonly hash: string }): boolean {
    return this.#soundOf(hash).paidFor.includes(textOf(audio));
  }

  #soundOf(hash: string): Sound {
    return this.#sounds.get(hash) ?? UNKNOWN;
  }

  /** Records a step. @returns what is wrong with it, if anything */
  apply(step: SoundStep): Judgement | undefined {
    const { hash, claim } = step.data;
    const sound = this.#soundOf(hash);
    const highest = Math.max(sound.highest, claim);
    switch (step.name) {
      case 'SoundClaimed': {
        const inDoubt = isInDoubt(sound, step);
        this.#sounds.set(hash, { ...sound, last: 'claimed', claim, highest, inDoubt });
        return isOneOf(claim - 1, sound) ? undefined : outOfTurn(sound, claim);
      }
      case 'SoundTaskStarted':
        this.#sounds.set(hash, { ...sound, last: 'task', claim, highest });
        return isHeld(sound, claim) ? undefined : stepFault('a task was started', claim);
      case 'SoundFreed': {
        const isRemoved = sound.last === 'paid' && isOneOf(claim, sound);
        this.#sounds.set(hash, {
          ...sound,
          ...{ last: 'freed', claim, highest, stands: sound.stands && !isRemoved },
        });
        return isRemoved || isHeld(sound, claim) ? undefined : stepFault('a claim was given up', claim);
      }
      case 'SoundPaid': {
        const paidFor = [...new Set([...sound.paidFor, textOf(step.data)])];
        this.#sounds.set(hash, { ...sound, last: 'paid', claim, highest, paidFor, stands: true });
        return paymentFault(sound, step);
      }
      default:
        return step satisfies never;
    }
  }
}

const textOf = ({ sha256, bytes, durationMs }: Audio): string => `${sha256} ${bytes} ${durationMs}`;

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

function isInDoubt({ last, inDoubt }: Sound, { data }: StepNamed<'SoundClaimed'>): boolean {
  const { because, lost } = data;
  if (because === 'expired') return true;
  // A renewed claim keeps its value: the task that it names is its own.
  if (last === 'claimed' || last === 'task') return inDoubt;
  return because === 'cut' && lost !== undefined && lost.taskId === undefined;
}

function paymentFault(sound: Sound, { data }: StepNamed<'SoundPaid'>): Judgement | undefined {
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

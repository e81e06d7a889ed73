/** Checks one set's events against what can have happened: each is judged by the events before it. */
import { hash } from 'node:crypto';
import { type EventData, type EventOf, MAX_ITEMS, type SetSummary, soundHash } from '@setlist/contracts';
import type { Recorded } from '@setlist/eventlog';
import type { ItemEvent } from '@setlist/sets';
import { grown } from '../fold/grown.ts';
import type { Step } from '../fold/shadow-set.ts';
import type { Fault, Judgement } from './judgement.ts';
import { acceptanceFaults, RequestSums } from './request-sums.ts';
import { lifeFault } from './set-life-rules.ts';

/** Takes eighteen bytes for each item, on top of the shadow's rows. */
export class SetHistory {
  /** Digest of all that the newest request says, apart from its attempt; 0 where there was none. */
  #requests = new Uint32Array(16);
  /** Digest of what was requested: file and sound, which an outcome names too. */
  #asked = new Uint32Array(16);
  /** The attempt for which the ledger has a payment, and the characters paid for. */
  #paidAttempts = new Uint16Array(16);
  #paidCharacters = new Uint32Array(16);
  /** The characters of that payment that outcomes have reported as billed so far. */
  #saidCharacters = new Uint32Array(16);

  readonly #sums = new RequestSums();

  /** Records a payment for one of the set's items. */
  notePayment({ data }: EventOf<'SoundPaid'>): void {
    if (!data.for || data.for.index >= MAX_ITEMS) return;
    const { index, attempt } = data.for;
    this.#paidAttempts = grown(this.#paidAttempts, index + 1);
    this.#paidCharacters = grown(this.#paidCharacters, index + 1);
    this.#saidCharacters = grown(this.#saidCharacters, index + 1);
    // A late payment belongs to an attempt whose outcome may already have reported it.
    if (attempt > (this.#paidAttempts[index] ?? 0)) this.#saidCharacters[index] = 0;
    this.#paidAttempts[index] = attempt;
    this.#paidCharacters[index] = data.billedCharacters;
  }

  /**
   * What is wrong with a record, given what it changed. A repeated request is only a note: an ingest or a tracker
   * repeats requests after a crash.
   */
  judge(record: Recorded, step: Step): Judgement[] {
    const { event } = record;
    const { before } = step;
    if (event === undefined) return [];
    if (before === undefined && step.after === undefined) return [beforeSet];
    if (before === undefined) return event.name === 'SetAccepted' ? acceptanceFaults(event.data) : [];
    switch (event.name) {
      case 'ItemRequested':
        return this.#judgeRequest(event, before, step);
      case 'ItemCompleted':
      case 'ItemFailed':
        return this.#judgeOutcome(event, step);
      default:
        return lifeFault(before, event, step.after);
    }
  }

  #judgeRequest({ data }: EventOf<'ItemRequested'>, set: SetSummary, { rowBefore: row }: Step): Judgement[] {
    const { index, attempt } = data;
    if (index >= Math.min(set.counts.total, MAX_ITEMS)) {
      const what = `item ${index} is requested; the set was accepted with ${set.counts.total} items, counted from 0 (at most ${MAX_ITEMS})`;
      return [{ code: 'request-outside-set', what }];
    }
    const request = digestOf(JSON.stringify({ ...data, attempt: undefined }));
    const asked = askedOf(data);
    // A repeat of an earlier attempt can be stored late: it must not stand for the newest.
    if (row && row.attempt >= attempt && this.#requests[index]) return this.#judgeRepeat(index, request);
    this.#requests = grown(this.#requests, index + 1);
    this.#asked = grown(this.#asked, index + 1);
    const before = this.#asked[index];
    const faults = [
      ...(this.#requests[index] ? [] : this.#sums.take(data, set)),
      ...(soundHash(data.sound) === data.hash ? [] : [otherSound(index)]),
    ];
    this.#requests[index] = request;
    this.#asked[index] = asked;
    // Without a request before it, the outcome has been reported as a fault already.
    if (row?.attempt === attempt) return faults;
    if (row === undefined && attempt === 1) return faults;
    const follows = row?.attempt === attempt - 1 && row.state === 'failed' && attempt <= set.round;
    if (!follows) {
      const what = `attempt ${attempt} of item ${index} is requested in round ${set.round}, after ${row ? `attempt ${row.attempt}, which is ${row.state}` : 'no other attempt'}`;
      return [...faults, { code: 'attempt-unexplained', what }];
    }
    if (before !== asked) faults.push({ code: 'request-contradicted', what: OTHER_ITEM(index) });
    return faults;
  }

  #judgeRepeat(index: number, request: number): Judgement[] {
    if (this.#requests[index] !== request) return [{ code: 'request-contradicted', what: OTHER_ITEM(index) }];
    return [{ code: 'request-repeated', what: `item ${index} had already been requested identically` }];
  }

  #judgeOutcome(event: ItemEvent, { rowBefore: row }: Step): Fault[] {
    const { index, attempt } = event.data;
    if (row === undefined || row.attempt < attempt) {
      const what = `attempt ${attempt} of item ${index} has an outcome but was not requested`;
      return [{ code: 'outcome-without-request', what }];
    }
    if (row.attempt > attempt || row.state !== 'requested') {
      const what = `attempt ${attempt} of item ${index} already had its outcome`;
      return [{ code: 'outcome-twice', what }];
    }
    const faults: Fault[] = [];
    if (this.#asked[index] !== askedOf(event.data)) {
      const what = `item ${index} ended with another file or sound than was requested`;
      faults.push({ code: 'outcome-differs', what });
    }
    if (event.name === 'ItemCompleted') faults.push(...this.#judgeMoney(event));
    else if (event.name === 'ItemFailed') faults.push(...this.#judgeBilled(event.data));
    return faults;
  }

  #judgeMoney({ data }: EventOf<'ItemCompleted'>): Fault[] {
    const { index, how, billedCharacters } = data;
    if (how === 'reused') {
      return billedCharacters === 0
        ? []
        : [{ code: 'billed-otherwise', what: `item ${index} reused audio, but says it was billed` }];
    }
    return this.#judgeBilled(data);
  }

  /** The item's payment may have been made by an earlier attempt whose audio could not be delivered. */
  #judgeBilled(data: EventData<'ItemCompleted'> | EventData<'ItemFailed'>): Fault[] {
    const { index, attempt, billedCharacters, billedBefore = 0 } = data;
    // Earlier versions omitted it for items that failed.
    if (billedCharacters === undefined) return [];
    const paidBy = this.#paidAttempts[index] ?? 0;
    const paid = paidBy > 0 && paidBy <= attempt ? this.#paidCharacters[index] : undefined;
    if (paid === billedCharacters) {
      const said = this.#saidCharacters[index] ?? 0;
      if (paid > 0) this.#saidCharacters[index] = paid;
      if (said === billedBefore) return [];
      const what = `item ${index} says that earlier attempts were billed ${billedBefore} characters; they say ${said}`;
      return [{ code: 'billed-otherwise', what }];
    }
    const what = `item ${index} says it was billed ${billedCharacters} characters; the ledger has ${paid ?? 'no payment'} for it`;
    return [{ code: 'billed-otherwise', what }];
  }
}

const OTHER_ITEM = (index: number): string => `item ${index} is requested again, but differently`;

const beforeSet: Fault = {
  code: 'event-before-set',
  what: 'the set had been neither accepted nor rejected',
};

const otherSound = (index: number): Fault => ({
  code: 'sound-contradicted',
  what: `item ${index} is requested under a hash that is not its own sound's`,
});

const askedOf = (of: { file: string; hash: string }): number => digestOf(`${of.file} ${of.hash}`);

/** Never 0. */
const digestOf = (text: string): number => hash('sha256', text, 'buffer').readUInt32LE(0) || 1;

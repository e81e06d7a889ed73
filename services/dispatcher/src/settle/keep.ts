/** Keeps paid audio, however it came: it is stored completely and noted in the log before anything uses it. */
import { hash as hashOf } from 'node:crypto';
import { FORMATS } from '@setlist/polly';
import { backoffDelayMs, count, sleep } from '@setlist/runtime';
import { canonicalKey, checkAudio, checkCallAudio, type PaidSound } from '@setlist/sounds';
import { ifThere, StoreError } from '@setlist/storage';
import { audioFailed } from '../adapters/failures.ts';
import { againOf, repaymentOf, wasAnyBilledBefore } from '../domain/repayment.ts';
import type { ClaimLease } from '../ledger/claim-lease.ts';
import type { SettleDeps } from './deps.ts';
import type { Item } from './item.ts';
import { keepsElsewhere } from './keeps-elsewhere.ts';
import { notCalled } from './may-call.ts';
import { complete } from './outcome.ts';
import type { StoreWait } from './store-line.ts';
import { AGAIN_NOW, type Paid, type Turn } from './turn.ts';

/** Audio to keep: what was billed for it, and how it came. */
export interface Got {
  readonly audio: Uint8Array;
  readonly billedCharacters: number;
  readonly how: PaidSound['how'];
  readonly requestId?: string;
  readonly taskId?: string;
  /** Where a copy is already, so that the audio need not be held in memory. */
  readonly liesIn?: 'store' | 'bucket';
}

/** The store refuses this audio but takes others: it stays in its task's bucket, and is dropped from memory. */
export class RefusedAlone extends Error {
  override readonly name = 'RefusedAlone';
  /** Its payment, if the log has that already. */
  readonly paid: PaidSound | undefined;
  constructor(paid: PaidSound | undefined) {
    super('the store refuses this audio alone');
    this.paid = paid;
  }
}

/** How long paid audio that can't be read is left alone. */
export const READ_AGAIN = { baseMs: 1_000, capMs: 60_000 };
const UNREADABLE = 'audio that a dead dispatcher stored can’t be read; it will be read again later';

/**
 * Keeps the audio that the previous claim's holder may have stored, then died before noting it. A task's is read as
 * memory has room; a call's is short. What can't be read takes up no room until it is read again.
 * @returns undefined if there is none
 */
export async function keepLeftBehind(deps: SettleDeps, job: LeftBehind): Promise<Paid | undefined> {
  const { item, right, operation } = job.turn;
  if (right.because !== 'expired') return undefined;
  const key = canonicalKey(item.request.hash, item.request.sound.format);
  const line = deps.lineOf(deps.store);
  const wait = { signal: deps.draining, whilst: always };
  const look = () => line.whileRecovers(() => deps.store.head(key), wait);
  let [isSaid, isAdmitted] = [false, true];
  for (let tries = 1; ; tries++) {
    try {
      const found = operation === 'task' ? await look() : undefined;
      // Not waited for in the line, where what fills the memory may be waiting.
      using _room = found && (await line.memory.take(found.bytes, deps.draining));
      // Only a read can tell a missing object from a missing store.
      const audio = await ifThere(deps.store.get(key));
      line.fixed(UNREADABLE);
      const kept = audio && (await keepFound(deps, job, audio));
      return kept ?? (isAdmitted ? undefined : await notCalled(deps, job.lease));
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (!isSaid) isSaid = line.warnOnce(error, UNREADABLE, item.is);
      // A failure that may pass is one of the store, not of this audio alone.
      if (!error.retryable) {
        isAdmitted = false;
        job.turn.admission[Symbol.dispose]();
      }
    }
    await sleep(backoffDelayMs(tries, READ_AGAIN), deps.draining);
  }
}

async function keepFound(
  deps: SettleDeps,
  { turn, lease }: LeftBehind,
  audio: Uint8Array,
): Promise<Paid | undefined> {
  const { item, right } = turn;
  // Audio of an earlier payment is not what the dead holder left, which was to replace it. Damaged audio can't be told
  // from what it left.
  const sha256 = hashOf('sha256', audio);
  const { payments, isDamaged } = await deps.ledger.past(item.request.hash);
  if (isDamaged || payments.some((paid) => paid.sha256 === sha256)) return undefined;
  const taskId = right.lost?.taskId;
  const { billedCharacters } = item.request;
  const got = { audio, billedCharacters, how: 'recovered', liesIn: 'store' } as const;
  return await keep(deps, { turn, lease, ...got, ...(taskId === undefined ? {} : { taskId }) });
}

/** Waits on any store error: the key is ours and valid, so whatever blocks paid audio can be fixed. */
const always = () => true;

const NOTHING_BEFORE = { stands: false, wasInVain: false, attempts: [] };

interface ToKeep extends Got {
  readonly turn: Turn;
  readonly lease: ClaimLease;
  /** Its payment in the log, if the store refused the audio only after that. */
  readonly paid?: PaidSound | undefined;
}

type LeftBehind = Pick<ToKeep, 'turn' | 'lease'>;

/**
 * Checks and stores the audio, notes its payment, and completes the item. Ends the lease.
 * @throws RefusedAlone if the store refuses only this audio, and its task's bucket has a copy
 */
export async function keep(deps: SettleDeps, got: ToKeep): Promise<Paid> {
  const { turn, audio, liesIn } = got;
  const { item } = turn;
  const { sound, hash } = item.request;
  // What is found was made by a task, or by a call that was checked before it was stored.
  const check = got.how === 'synthesized' ? checkCallAudio : checkAudio;
  const durationMs = await check(audio, sound).catch((error: unknown) =>
    audioFailed(error, got.billedCharacters),
  );
  const object = canonicalKey(hash, sound.format);
  const sha256 = hashOf('sha256', audio);
  const { contentType } = FORMATS[sound.format];
  const put = () => deps.store.put(object, audio, { contentType, metadata: { hash } });
  let { paid } = got;
  const onAlone = (): void => {
    if (liesIn === 'bucket') throw new RefusedAlone(paid);
    turn.admission[Symbol.dispose]();
  };
  const wait = { whilst: always, keepsElsewhere: () => keepsElsewhere(deps, item, audio), onAlone };
  // A stop need not wait for audio that has a copy.
  const until = liesIn ? { signal: deps.draining } : {};
  const first = { ...wait, ...until, isUnnoted: !liesIn };
  const store = () => deps.lineOf(deps.store).whileRecovers(put, first);
  if (liesIn !== 'store') await item.step.run('store audio', store);
  paid ??= await note(deps, got, { object, sha256, durationMs });
  turn.admission[Symbol.dispose]();
  // If another's payment stands, its audio counts.
  if (paid.sha256 !== sha256) return AGAIN_NOW;
  return await handOut(deps, { item, paid, audio, put, wait });
}

/** Notes that the stored audio is paid. @returns the payment that stands */
async function note(
  deps: SettleDeps,
  { turn, lease, audio, how, billedCharacters, requestId, taskId }: ToKeep,
  { object, sha256, durationMs }: Pick<PaidSound, 'object' | 'sha256' | 'durationMs'>,
): Promise<PaidSound> {
  const { item, right } = turn;
  const { sound, hash, lane, operation } = item.request;
  // For a call this is known without reading the log.
  const mayBeSecond = how !== 'synthesized' && againOf(right) !== undefined;
  const { stands, wasInVain, attempts } = mayBeSecond ? await deps.ledger.past(hash) : NOTHING_BEFORE;
  const isSecond = stands || wasInVain || wasAnyBilledBefore(attempts, { taskId, right, operation });
  const claim = await lease.end();
  const payment: PaidSound = {
    hash,
    claim: claim.ordinal,
    by: deps.ledger.replica,
    for: claim.for,
    how,
    provider: sound.provider,
    lane,
    billedCharacters,
    ...repaymentOf({ how, right: claim.right, operation, isSecond }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(taskId === undefined ? {} : { taskId }),
    object,
    contentType: FORMATS[sound.format].contentType,
    bytes: audio.length,
    sha256,
    durationMs,
  };
  const paid = await item.step.run('note payment', () => deps.ledger.paid(claim, payment));
  if (paid.by === payment.by && paid.claim === payment.claim) {
    count('charactersPaid', paid.billedCharacters, { provider: sound.provider, lane });
  }
  return paid;
}

interface Kept {
  readonly item: Item;
  readonly paid: PaidSound;
  readonly audio: Uint8Array;
  readonly put: () => Promise<unknown>;
  readonly wait: StoreWait;
}

/** Completes the item with audio that was just stored. If the store loses it at once, stores it again from memory. */
async function handOut(deps: SettleDeps, { item, paid, audio, put, wait }: Kept): Promise<Paid> {
  let lost = false;
  const work = async (): Promise<Paid> => {
    if (lost) await put();
    const completed = await complete(deps, item, paid, { bytes: audio });
    if (completed === 'done') return { kind: 'settled' };
    if (completed === 'later') return AGAIN_NOW;
    lost = true;
    throw new StoreError(
      'damaged',
      `${deps.store.locate(paid.object)} was just stored, and is already ${completed}.`,
      {
        remedy: 'Find out what removes or changes audio in the store: it must keep what it is given.',
      },
    );
  };
  // The payment is in the log: the next dispatcher needs no audio from us, so a stop need not wait for this.
  return await deps.lineOf(deps.store).whileRecovers(work, { ...wait, signal: deps.draining });
}

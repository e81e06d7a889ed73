/** Paying for a sound: claimed first, called once, stored whole, and said in the log before anything uses it. */
import { createHash } from 'node:crypto';
import type { Reason } from '@setlist/contracts';
import { FORMATS } from '@setlist/polly';
import { backoffDelayMs, count } from '@setlist/runtime';
import { checkAudio } from '../adapters/audio-check.ts';
import {
  CallFailed,
  internalError,
  isUnexpected,
  providerFailure,
  storeFailure,
} from '../adapters/failures.ts';
import { rpcOf } from '../adapters/measured-call.ts';
import type { Speech, SpeechProvider } from '../adapters/polly-speech.ts';
import { classify, type Failure, isInVain, type Verdict } from '../domain/classify.ts';
import { canonicalKey } from '../domain/places.ts';
import { repaymentOf } from '../domain/repayment.ts';
import { mayBePaid, type PaidSound } from '../domain/sound-life.ts';
import type { Freed, HeldClaim } from '../ledger/held-claim.ts';
import type { Tenure } from '../ledger/tenure.ts';
import { checkLexicons } from '../lexicons/check.ts';
import { claimed, tenureOf } from './claim.ts';
import { beginTry, type Desk, type Item } from './desk.ts';
import { mayCall, notCalled, stopped } from './may-call.ts';
import { canBeMended, complete, fail, whileStoreRecovers } from './outcome.ts';
import { AGAIN_NOW, OUTRUN, type Paid, type Turn } from './turn.ts';

const CALL_BACKOFF = { baseMs: 250, capMs: 20_000, random: Math.random };

/** Takes one turn: claims the sound and gets it by one synchronous call. */
export async function payByCall(desk: Desk, turn: Turn): Promise<Paid> {
  const { item } = turn;
  const provider = desk.providerOf(item.request.sound.provider);
  if (!provider) return refuseProvider(desk, turn);
  const claim = await claimed(desk, turn, { operation: 'synthesize' });
  if (!claim) return OUTRUN;
  beginTry(item);
  const tenure = tenureOf(desk, claim);
  try {
    const left = await leftBehind(desk, turn);
    if (!left) await checkLexicons(desk, item.request.sound);
    if (!left && !(await mayCall(desk, turn, tenure))) return await notCalled(desk, tenure);
    const got = left ?? (await callOnce(desk, turn, provider));
    return await keep(desk, { turn, tenure, ...got });
  } catch (error) {
    return await afterError(desk, turn, { tenure, error });
  } finally {
    await tenure.end();
  }
}

/** What is foreseen is decided by the table; a mistake of ours frees the claim too, and is thrown on, as a stop is. */
export async function afterError(
  desk: Desk,
  turn: Turn,
  { tenure, error }: { tenure: Tenure; error: unknown },
): Promise<Paid> {
  const isStop = desk.draining.aborted && !(error instanceof CallFailed) && !isUnexpected(error);
  if (isStop) await stopped(desk, turn, tenure);
  const claim = await tenure.end();
  if (error instanceof CallFailed) return afterFailure(desk, turn, { claim, failure: error.failure });
  if (isUnexpected(error))
    await desk.ledger.freed(claim, internalError(error), { billed: true, lost: claim.task });
  throw error;
}

async function refuseProvider(desk: Desk, { item }: Turn): Promise<Paid> {
  const { provider } = item.request.sound;
  await fail(desk, item, {
    code: 'provider-not-served',
    message: `no dispatcher here serves the provider ${provider}`,
    remedy: `Give the dispatcher access to ${provider} (see its settings), then submit the set again.`,
  });
  return { kind: 'settled' };
}

/** Audio to be kept: who billed it, and how it came. */
export interface Got {
  readonly audio: Uint8Array;
  readonly billedCharacters: number;
  readonly how: PaidSound['how'];
  readonly requestId?: string;
  readonly taskId?: string;
}

/** Whoever held the claim before may have stored the audio and died before saying so. */
export async function leftBehind(
  desk: Desk,
  { item, right }: Pick<Turn, 'item' | 'right'>,
): Promise<Got | undefined> {
  if (right.because !== 'expired') return undefined;
  const key = canonicalKey(item.request.hash, item.request.sound.format);
  const look = async () => ((await desk.store.head(key)) === undefined ? undefined : desk.store.get(key));
  const audio = await whileStoreRecovers(desk, look, { signal: desk.draining, whilst: canBeMended });
  if (!audio) return undefined;
  // What an earlier payment brought is not what the dead one left: that was to replace it. Nor can that be told from
  // what was found damaged.
  const sha256 = sha256Of(audio);
  const { payments, isDamaged } = await desk.ledger.past(item.request.hash);
  if (isDamaged || payments.some((paid) => paid.sha256 === sha256)) return undefined;
  const taskId = right.lost?.taskId;
  const { billedCharacters } = item.request;
  return { audio, billedCharacters, how: 'recovered', ...(taskId === undefined ? {} : { taskId }) };
}

const sha256Of = (audio: Uint8Array): string => createHash('sha256').update(audio).digest('hex');

async function callOnce(desk: Desk, turn: Turn, provider: SpeechProvider): Promise<Got> {
  const { step, request } = turn.item;
  const { sound, billedCharacters: expected } = request;
  const { callTimeoutMs } = desk.limits;
  const timeout = AbortSignal.timeout(callTimeoutMs);
  const call = (): Promise<Speech> =>
    provider.synthesize(sound, timeout).catch((error: unknown) => {
      if (timeout.aborted) throw new CallFailed(timedOut(callTimeoutMs), error);
      throw error instanceof CallFailed ? error : new CallFailed(providerFailure(error), error);
    });
  const speech = await step.run('call provider', call, rpcOf('SynthesizeSpeech'));
  const { audio, billedCharacters = expected, requestId } = speech;
  return { audio, billedCharacters, how: 'synthesized', ...(requestId === undefined ? {} : { requestId }) };
}

const timedOut = (afterMs: number): Failure => ({
  from: 'network',
  code: 'call-timeout',
  message: `no whole answer came within ${afterMs / 1_000} s`,
  begun: true,
});

const NOTHING_BEFORE = { stands: false, wasInVain: false };

/** Checks and stores the audio, says that it is paid, and completes the item with it. Ends the tenure. */
export async function keep(desk: Desk, got: Got & { turn: Turn; tenure: Tenure }): Promise<Paid> {
  const { turn, tenure, audio, how, billedCharacters, requestId, taskId } = got;
  const { item } = turn;
  const { sound, hash, lane } = item.request;
  const durationMs = await checkAudio(audio, sound, turn.operation);
  const object = canonicalKey(hash, sound.format);
  const { contentType } = FORMATS[sound.format];
  const put = () => desk.store.put(object, audio, { contentType, metadata: { hash } });
  await item.step
    .run('store audio', () => whileStoreRecovers(desk, put, { whilst: canBeMended }))
    .catch((error: unknown) => {
      throw new CallFailed({ ...storeFailure(error), billed: true }, error);
    });
  // Of a call it is known without a look.
  const mayBeSecond = how !== 'synthesized' && mayBePaid(turn.right);
  const { stands, wasInVain } = mayBeSecond ? await desk.ledger.past(hash) : NOTHING_BEFORE;
  const isSecond = stands || wasInVain;
  const claim = await tenure.end();
  const sha256 = sha256Of(audio);
  const payment: PaidSound = {
    hash,
    claim: claim.ordinal,
    by: desk.ledger.replica,
    for: claim.for,
    how,
    provider: sound.provider,
    lane,
    billedCharacters,
    ...repaymentOf({ how, right: claim.right, operation: item.request.operation, isSecond }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(taskId === undefined ? {} : { taskId }),
    object,
    contentType,
    bytes: audio.length,
    sha256,
    durationMs,
  };
  const paid = await item.step.run('note payment', () => desk.ledger.paid(claim, payment));
  if (paid.by === payment.by && paid.claim === payment.claim) {
    count('charactersPaid', paid.billedCharacters, { provider: sound.provider, lane });
  }
  turn.admission[Symbol.dispose]();
  // Where another's payment stands, its audio is what counts.
  const ours = paid.sha256 === sha256 ? audio : undefined;
  return (await complete(desk, item, paid, ours)) === 'done' ? { kind: 'settled' } : AGAIN_NOW;
}

/** Frees the claim with its reason; the item is tried again later, or given up. */
export async function afterFailure(
  desk: Desk,
  { item, gate, operation }: Pick<Turn, 'item' | 'gate' | 'operation'>,
  { claim, failure }: { claim: HeldClaim; failure: Failure },
): Promise<Paid> {
  if (isInVain(failure)) item.inVain++;
  const verdict = classify(failure, item.inVain);
  await desk.ledger.freed(claim, verdict.reason, leftOf(claim, failure));
  if (verdict.kind === 'fail') {
    if (operation === item.request.operation) return giveUp(desk, item, verdict.reason);
    // What no task can do, the call that the item was meant for may: its own verdict counts.
    item.callsOnly = true;
    desk.logger.warn({ ...item.is, ...verdict.reason }, 'a task was refused; the item goes by a call');
    return AGAIN_NOW;
  }
  if (verdict.throttled) await gate.throttled();
  return tryLater(desk, item, verdict);
}

/** No connection was made, so nothing was sent. */
const NEVER_CONNECTED = /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|ENETDOWN)$/;

/** Whether the provider may have billed a call that brought nothing we could keep. */
function mayBeBilled({ from, code, billed }: Failure): boolean {
  return billed ?? (from === 'network' && !NEVER_CONNECTED.test(code));
}

/** Of a claim that brought nothing its own task may be found yet, unless it was never accepted or is of no use. */
function leftOf({ right, task, operation }: HeldClaim, failure: Failure): Freed {
  const billed = mayBeBilled(failure);
  const isUseless = failure.from === 'audio' && operation === 'task';
  return { billed, lost: isUseless ? undefined : billed ? task : right.lost };
}

async function giveUp(desk: Desk, item: Item, reason: Reason): Promise<Paid> {
  await fail(desk, item, reason);
  return { kind: 'settled' };
}

/** A throttled call, or a store that is waited for, is no failure: neither the try nor its time counts. */
function tryLater(desk: Desk, item: Item, verdict: Verdict & { kind: 'retry' }): Promise<Paid> | Paid {
  const { deadline = Number.POSITIVE_INFINITY } = item.terms;
  item.lastReason = verdict.reason;
  if (verdict.counts) item.triedForMs += performance.now() - item.triedAt;
  else item.tries--;
  if (item.terms.deadline === undefined && item.triedForMs > desk.limits.retryForMs) {
    const { code, message } = verdict.reason;
    const remedy =
      'Mend the cause that the message names, then submit the set again: what is paid is reused.';
    return giveUp(desk, item, { code, message: `${message} (tried ${item.tries} times)`, remedy });
  }
  desk.logger.debug({ ...item.is, code: verdict.reason.code, tries: item.tries }, 'to be tried again');
  const inMs = backoffDelayMs(verdict.throttled ? 1 : Math.max(1, item.tries), CALL_BACKOFF);
  if (verdict.counts) item.triedForMs += inMs;
  // Looked at again when the deadline comes, it ends with that and with what was in its way.
  return { kind: 'again', inMs: Math.max(0, Math.min(inMs, deadline - desk.log.clock.now())) };
}

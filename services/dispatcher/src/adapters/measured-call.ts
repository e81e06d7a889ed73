/** Calls to a provider: none may be silent for long, and each is measured however it ends. */
import { record } from '@setlist/runtime';
import { type Failure, isThrottled } from '../domain/classify.ts';
import type { Call, CallTrouble } from './call-trouble.ts';
import type { Credentials } from './credentials.ts';
import { CallFailed, credentialsFailure, isUnsent, providerFailure } from './failures.ts';
import { wasNeverConnected, wasSentWhole } from './sent-whole.ts';

/** The name of a Polly operation's call by OpenTelemetry's semantic conventions. */
export const rpcOf = (method: string) => ({ rpcSystem: 'aws-api', rpcMethod: `Polly/${method}` });

export interface CallOf extends Call {
  /** How long nothing may be heard of it, in ms, until its answer is complete. */
  readonly timeoutMs: number;
  /** Whether a call that was sent, but has no whole answer, was most likely billed. */
  readonly mayBeBilled?: boolean;
  /** Is told how it ended. */
  readonly trouble?: CallTrouble | undefined;
  /** Those of the client that makes it. */
  readonly credentials?: Credentials;
}

/**
 * Sends the request and reads the whole answer. It calls `heard` for each part of an answer that can take long to
 * arrive.
 */
type Send<T> = (abortSignal: AbortSignal, heard: () => void) => Promise<T>;

/** How many times `timeoutMs` an answer is waited for whose parts keep coming. */
const LONGEST_ANSWER = 10;

/**
 * From when on after its call began, in ms, a connection is lost with the provider most likely at work: one that had been
 * closed while it lay idle, or was made by a proxy whose provider is away, is lost at once.
 */
const AT_WORK_FROM_MS = 2_000;

/** Makes the call and records how long it took and how it ended. @throws CallFailed for every failure */
export async function measuredCall<T>(of: CallOf, send: Send<T>): Promise<T> {
  const begunAt = performance.now();
  try {
    const reply = await inTime(of, send);
    note(of, begunAt, { outcome: 'ok' });
    of.trouble?.succeeded(of);
    of.credentials?.found();
    return reply;
  } catch (error) {
    const failure = error instanceof CallFailed ? error.failure : undefined;
    const outcome = failure && isThrottled(failure) ? 'throttled' : 'failed';
    note(of, begunAt, { outcome, error: failure?.code ?? 'unknown' });
    if (failure) of.trouble?.failed(of, failure);
    throw error;
  }
}

/** The SDK's own timeout covers only the response headers: a server that goes silent after them would block forever. */
async function inTime<T>(of: CallOf, send: Send<T>): Promise<T> {
  const { timeoutMs, mayBeBilled = false, credentials } = of;
  const begunAt = performance.now();
  const timeout = new AbortController();
  const silence = setTimeout(() => timeout.abort(), timeoutMs);
  const latest = begunAt + LONGEST_ANSWER * timeoutMs;
  const heard = (): void => {
    if (performance.now() < latest) silence.refresh();
  };
  try {
    await credentialsFound(of, timeout.signal);
    return await send(timeout.signal, heard);
  } catch (error) {
    if (error instanceof CallFailed && error.failure.billed === false) throw error;
    if (timeout.signal.aborted && !isUnsent(error))
      throw new CallFailed({ ...timedOut(timeoutMs), begun: mayBeBilled, ...billedBy(error) }, error);
    if (error instanceof CallFailed) throw error;
    const failure = providerFailure(error, { credentialsMayComeBack: credentials?.mayComeBack });
    if (wasNeverConnected(error)) throw new CallFailed({ ...failure, billed: false }, error);
    const wasAtWork = wasSentWhole(error) && performance.now() - begunAt >= AT_WORK_FROM_MS;
    if (!mayBeBilled || !wasAtWork) throw new CallFailed(failure, error);
    const message = `the connection was lost before the answer came: ${failure.message}`;
    throw new CallFailed({ ...failure, message, begun: true }, error);
  } finally {
    clearTimeout(silence);
  }
}

/** Looks for the credentials first: how that fails says nothing about the call. */
async function credentialsFound({ credentials }: CallOf, signal: AbortSignal): Promise<void> {
  try {
    await credentials?.find(signal);
  } catch (error) {
    const mayComeBack = credentials?.mayComeBack ?? false;
    throw new CallFailed(credentialsFailure(error, { isLate: signal.aborted, mayComeBack }), error);
  }
}

/** What the provider had already said that it billed. */
function billedBy(error: unknown): Pick<Failure, 'billedCharacters'> {
  const billedCharacters = error instanceof CallFailed ? error.failure.billedCharacters : undefined;
  return billedCharacters === undefined ? {} : { billedCharacters };
}

const timedOut = (timeoutMs: number): Failure => ({
  from: 'network',
  code: 'call-timeout',
  message: `no complete answer came in time: CALL_TIMEOUT is ${timeoutMs / 1_000} s`,
});

function note(
  { provider, method, lane }: CallOf,
  begunAt: number,
  end: { readonly outcome: string; readonly error?: string },
): void {
  const call = { ...rpcOf(method), provider, lane };
  record('calls', (performance.now() - begunAt) / 1_000, { ...call, ...end });
}

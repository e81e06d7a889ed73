/** One call of the API from its request line to its last byte: quotas, faults, the operation, the reply, the count. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ENGINES } from '@setlist/polly';
import type { Logger } from '@setlist/runtime';
import type { CallStats, Outcome } from '../call-stats.ts';
import { SynthesisCancelled } from '../engine/speech-request.ts';
import type { Fault, Faults } from '../faults.ts';
import type { Operation, Reply } from '../operations/operation.ts';
import { type QuotaGate, quotaNameOf } from '../quotas.ts';
import { answer, answerCut, answerError } from './answer.ts';
import { ApiError } from './api-error.ts';
import { type Request, type Response, replyOver } from './http1-and-2.ts';
import { readJson } from './read-body.ts';
import { type OperationName, type Route, routeOf } from './routes.ts';

export type PollyDependencies = {
  readonly operations: Readonly<Record<OperationName, Operation>>;
  readonly gate: QuotaGate;
  readonly faults: Faults;
  readonly stats: CallStats;
  readonly logger: Logger;
};

export function pollyHandler(dependencies: PollyDependencies) {
  return async (request: Request, response: Response): Promise<void> => {
    const requestId = randomUUID();
    const gone = new AbortController();
    void replyOver(response).then(() => gone.abort());
    try {
      const route = routeOf(request.method ?? '', request.url ?? '');
      if (!route) throw unknownOperation(request);
      const body = await readJson(request, response);
      await serveCall({ route, body, requestId, response, signal: gone.signal }, dependencies);
    } catch (error) {
      if (gone.signal.aborted) return;
      await answerError(response, requestId, asApiError(error, dependencies.logger));
    }
  };
}

type OpenCall = {
  readonly route: Route;
  readonly body: unknown;
  readonly requestId: string;
  readonly response: Response;
  readonly signal: AbortSignal;
};

async function serveCall(
  call: OpenCall,
  { operations, gate, faults, stats, logger }: PollyDependencies,
): Promise<void> {
  const { route, response, requestId, signal } = call;
  const engine = engineOf(call);
  const name = engine === undefined ? route.operation : `${route.operation}/${engine}`;
  const end = stats.begin(name);
  let outcome: Outcome = 'failed';
  const admission = gate.admit(quotaNameOf(route.operation, engine));
  try {
    if (!admission.admitted) throw throttled(admission.limit);
    const fault = faults.next();
    if (fault.kind !== 'throttle') stats.admitted(name);
    await suffer(fault, signal);
    const reply = await operations[route.operation](call);
    outcome = await deliver(call, reply, fault.kind === 'cut');
    if (reply.paid) stats.paid(name, reply.paid.characters, reply.paid.sound, outcome !== 'ok');
    if (route.operation === 'StartSpeechSynthesisTask') stats.taskStarted();
  } catch (error) {
    if (signal.aborted) {
      outcome = 'aborted';
      return;
    }
    const refusal = asApiError(error, logger);
    outcome = outcomeOf(refusal);
    await answerError(response, requestId, refusal);
  } finally {
    if (admission.admitted) admission.release();
    end(outcome);
  }
}

async function deliver({ response, requestId }: OpenCall, reply: Reply, cut: boolean): Promise<Outcome> {
  if (cut && reply.kind === 'audio') {
    await answerCut(response, requestId, reply);
    return 'cut';
  }
  return (await answer(response, requestId, reply)) ? 'ok' : 'aborted';
}

async function suffer({ latencyMs, kind }: Fault, signal: AbortSignal): Promise<void> {
  if (latencyMs > 0) await delay(latencyMs, undefined, { signal });
  if (kind === 'throttle') throw throttled('rate');
  if (kind === 'serverError')
    throw new ApiError('ServiceFailureException', 'An injected fault: see FAULT_5XX');
}

/** The engine, read before the body is checked, since quotas come first; only the two speech operations have one. */
function engineOf({ route, body }: OpenCall): string | undefined {
  if (route.operation !== 'SynthesizeSpeech' && route.operation !== 'StartSpeechSynthesisTask')
    return undefined;
  const named = typeof body === 'object' && body !== null && 'Engine' in body ? body.Engine : undefined;
  return ENGINES.find((engine) => engine === named) ?? 'standard';
}

function outcomeOf({ code, status }: ApiError): Outcome {
  if (code === 'ThrottlingException') return 'throttled';
  return status >= 500 ? 'failed' : 'refused';
}

const throttled = (limit: 'rate' | 'concurrency') =>
  new ApiError('ThrottlingException', limit === 'rate' ? 'Rate exceeded' : 'Too many concurrent requests');

const unknownOperation = (request: Request) =>
  new ApiError('UnknownOperationException', `Polly has no ${request.method} ${request.url}`, { status: 404 });

/** Anything but a refusal is our own failure: the log gets the reason, the caller a 500. */
function asApiError(error: unknown, logger: Logger): ApiError {
  if (error instanceof ApiError) return error;
  if (!(error instanceof SynthesisCancelled)) logger.error({ err: error }, 'a call failed');
  return new ApiError('ServiceFailureException', 'An unknown condition has caused a service failure', {
    cause: error,
  });
}

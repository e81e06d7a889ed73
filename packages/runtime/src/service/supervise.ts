/** A service's life, from its first log line to its exit code: starting, ready, draining, ended. */
import { flushCompileCache } from 'node:module';
import type { Logger } from '../logging/logger.ts';
import { messageOf } from '../message-of.ts';
import type { BaseConfig } from '../settings/base-config.ts';
import { startTelemetry } from '../telemetry/start-telemetry.ts';
import { settlesWithin } from '../waiting/sleep.ts';
import { startHealthServer } from './health-server.ts';
import type { Check } from './readiness.ts';
import { ReleaseStack } from './release-stack.ts';
import { diagnoseStart } from './start-failure.ts';
import { aborted, listenForStop } from './stop-signals.ts';

export type ServiceContext = {
  logger: Logger;
  /** Aborts when the service must end: start no new work after that. */
  signal: AbortSignal;
  /**
   * What is pushed here is released in reverse order when the service ends, or when its start fails. The log names a
   * release that doesn't end in time by the resource's `Symbol.toStringTag` or class.
   */
  stack: Pick<AsyncDisposableStack, 'use'>;
  health: {
    /** `http://host:port` of `/healthz` and `/readyz`. */
    url: string;
    /** Adds a condition of `/readyz`; a check that takes longer than two seconds fails. */
    addCheck(name: string, check: Check): void;
  };
};

export type Running = {
  /**
   * Settles when the service's own work has ended. After the context's `signal` aborts, it must settle on its own,
   * since nothing is released before. A rejection ends the service.
   */
  done?: Promise<void>;
};

export type SupervisedService = {
  name: string;
  config: BaseConfig;
  logger: Logger;
  start: (context: ServiceContext) => Promise<Running | undefined> | Promise<void>;
};

type Life = { phase: 'starting' | 'ready' | 'draining'; releases: ReleaseStack; signal: AbortSignal };

/** Runs the service to its end. @returns the exit code; `runService` lists their meanings */
export async function superviseService(service: SupervisedService): Promise<number> {
  const { logger } = service;
  exitOnCrash(logger);
  const releases = new ReleaseStack();
  const stopping = listenForStop(
    (signal) => logger.info({ event: 'draining', signal }, `${signal}: waiting for work in progress to end`),
    (signal) =>
      logger.warn({ event: 'killed', signal, stillOpen: releases.held }, `${signal} again: exiting at once`),
  );
  const life: Life = { phase: 'starting', releases, signal: stopping.signal };
  const work = live(service, life);
  await Promise.race([work, aborted(stopping.signal)]);
  life.phase = 'draining';
  stopping.abort();
  const exitCode = await drain(service, work, releases);
  logger.info({ event: 'stopped', exitCode }, 'stopped');
  return exitCode;
}

/** Starts the service and waits until its work has ended. Never rejects: failures become exit codes. */
async function live(service: SupervisedService, life: Life): Promise<number> {
  const { logger } = service;
  let started = false;
  try {
    const context = await openContext(service, life);
    const running = await service.start(context);
    started = true;
    if (life.phase === 'starting') {
      life.phase = 'ready';
      logger.info({ event: 'ready', healthUrl: context.health.url }, 'ready');
      // Where NODE_COMPILE_CACHE is set; Node itself would write it at an orderly end alone.
      flushCompileCache();
    }
    await (running?.done ?? aborted(life.signal));
    return 0;
  } catch (error) {
    if (life.signal.aborted && isAbort(error, life.signal)) return 0;
    const { exitCode, remedy } = started ? { exitCode: 1, remedy: undefined } : diagnoseStart(error);
    const what = started ? 'failed' : 'could not start';
    logger.fatal(
      { event: started ? 'failed' : 'start-failed', err: error, remedy },
      `${what}: ${messageOf(error)}`,
    );
    return exitCode;
  }
}

/** Pushes the health server to the stack early, so that it answers until everything after it is released. */
async function openContext(service: SupervisedService, life: Life): Promise<ServiceContext> {
  const { name, config, logger } = service;
  const { releases, signal } = life;
  const checks = new Map<string, Check>();
  checks.set('service', () => {
    if (life.phase !== 'ready') throw new Error(life.phase);
  });
  const telemetry = await startTelemetry({ name: `setlist-${name}`, settings: config, logger });
  if (telemetry) releases.deferNamed('telemetry', () => telemetry[Symbol.asyncDispose]());
  const server = await startHealthServer({
    host: config.HTTP_HOST,
    port: config.HTTP_PORT,
    service: name,
    ...(telemetry?.metricsText ? { metricsText: telemetry.metricsText } : {}),
    checks,
  });
  releases.deferNamed('health server', () => server[Symbol.asyncDispose]());
  return {
    logger,
    signal,
    stack: releases,
    health: { url: server.url, addCheck: (name, check) => void checks.set(name, check) },
  };
}

/** Waits for the work to end, then releases everything, all within DRAIN_TIMEOUT. */
async function drain(
  service: SupervisedService,
  work: Promise<number>,
  releases: ReleaseStack,
): Promise<number> {
  const { logger, config } = service;
  let worked = false;
  const release = async () => {
    await work;
    worked = true;
    await releases.disposeAsync();
  };
  try {
    if (await settlesWithin(config.DRAIN_TIMEOUT, release())) return await work;
    const stillOpen = [...(worked ? [] : ["the service's own work"]), ...releases.held];
    const message = `not drained within ${config.DRAIN_TIMEOUT} ms; still open: ${stillOpen.join(', ')}`;
    logger.error(
      { event: 'drain-timeout', stillOpen, remedy: 'A longer DRAIN_TIMEOUT gives it more time.' },
      message,
    );
  } catch (error) {
    logger.error(
      { event: 'release-failed', err: error },
      `could not release a resource: ${messageOf(error)}`,
    );
  }
  return 1;
}

/** Exits without a drain after an uncaught error, since the state is then unknown. */
function exitOnCrash(logger: Logger): void {
  // Node hands unhandled rejections to this handler too, with an origin that says so.
  process.on('uncaughtException', (error, origin) => {
    logger.fatal({ event: 'crashed', origin, err: error }, `crashed: ${messageOf(error)}`);
    process.exit(1);
  });
}

/** Whether the error only means that the signal aborted the work, as it should. */
function isAbort(error: unknown, signal: AbortSignal): boolean {
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError');
}

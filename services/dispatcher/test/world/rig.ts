/** A test's own broker, engine and stores, and dispatchers that run on them. */
import { fileURLToPath } from 'node:url';
import { type EventLog, openEventLog } from '@setlist/eventlog';
import { createLogger, loadConfig } from '@setlist/runtime';
import {
  startLocalEngine,
  startNats,
  startProcess,
  type TestNats,
  type TestProcess,
  temporaryFolder,
} from '@setlist/testkit';
import { createDispatcher, dispatcherConfig } from '../../src/index.ts';

const DISPATCHER = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface Rig extends AsyncDisposable {
  readonly nats: TestNats;
  readonly log: EventLog;
  readonly engineUrl: string;
  readonly folder: string;
  readonly env: Record<string, string>;
}

/** Starts everything except dispatchers. `engineEnv` sets quotas, faults and the kind of engine. */
export async function startRig(engineEnv: Record<string, string> = {}): Promise<Rig> {
  await using stack = new AsyncDisposableStack();
  const nats = stack.use(await startNats());
  const folder = stack.use(await temporaryFolder());
  const engine = await startLocalEngine({ TASK_OUTPUT_DIR: `${folder.path}/buckets`, ...engineEnv });
  const { url } = stack.use(engine);
  const log = stack.use(await openEventLog({ servers: nats.url, name: 'test' }));
  const env = {
    NATS_URL: nats.url,
    STORE: `${folder.path}/store`,
    POLLY_LOCAL_URL: url,
    LOG_FORMAT: 'json',
    CALL_TIMEOUT: '30s',
    DRAIN_TIMEOUT: '90s',
    ACK_WAIT: '3s',
    TASK_BUCKET: 'setlist-tasks',
    TASK_STORE: `${folder.path}/buckets/setlist-tasks`,
    TASK_POLL_EVERY: '100ms',
  };
  const held = stack.move();
  return {
    nats,
    log,
    engineUrl: url,
    folder: folder.path,
    env,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** Gives every engine its whole burst again; who waits for a moment sees it within a second. */
export async function freshQuotas({ log }: Pick<Rig, 'log'>): Promise<void> {
  for (const key of await log.coordination.keys('>')) await log.coordination.delete(key);
}

/** The same rig for dispatchers whose clock a test can move on. */
export function withClock(rig: Rig) {
  const { clock } = rig.log;
  let aheadMs = 0;
  const moved = { measure: () => clock.measure(), now: () => clock.now() + aheadMs };
  return {
    rig: { ...rig, log: { ...rig.log, clock: moved } },
    moveOn: (ms: number): void => {
      aheadMs += ms;
    },
  };
}

/** A dispatcher in this process. Aborting it drains it. */
export function dispatcherHere(rig: Rig, env: Record<string, string> = {}) {
  const stop = new AbortController();
  const settings = loadConfig(dispatcherConfig, { ...rig.env, ...env });
  const logger = createLogger({ service: 'dispatcher', level: 'error', pretty: false });
  const done = createDispatcher(settings, { log: rig.log, logger }).run(stop.signal);
  return {
    done,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await done;
    },
  };
}

/** A dispatcher in its own process, to be killed. */
export const dispatcherProcess = (rig: Rig, env: Record<string, string> = {}): Promise<TestProcess> =>
  startProcess({ name: 'dispatcher', entry: DISPATCHER, env: { ...rig.env, ...env } });

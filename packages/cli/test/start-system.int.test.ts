/** A system that is stopped, or whose broker dies, before everything has started or while the broker is away. */
import { existsSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { findNatsServer } from '@setlist/broker';
import { eventually } from '@setlist/testkit';
import { expect, onTestFinished, test, vi } from 'vitest';
import { EXIT } from '../src/exit-codes.ts';
import { explain } from '../src/failure.ts';
import { startEngine } from '../src/system/children/engine.ts';
import { dataFolder } from '../src/system/folder/data-folder.ts';
import { startSystem } from '../src/system/start-system.ts';
import { childrenOf, type Place, place, processesWith } from './cli.ts';

/** Starts a system; calls `beforeConsole` after the services have started and before the console reads the log. */
function started(folder: string, beforeConsole: () => void, signal = new AbortController().signal) {
  const data = dataFolder('.setlist', folder);
  const { note } = data;
  return startSystem(
    {
      provider: 'local',
      compat: false,
      output: folder,
      inboxes: [data.inbox],
      quotas: 'off',
      region: undefined,
      taskBucket: undefined,
      console: { port: 0 },
    },
    {
      data: {
        ...data,
        get note() {
          beforeConsole();
          return note;
        },
      },
      env: { ...process.env, ENGINE: 'instant', SMTP_URL: undefined },
      command: 'setlist up',
      signal,
      stays: true,
      tell: () => undefined,
    },
  );
}

/** Has the system use a broker that comes up once; when it is started again it does this instead. */
async function useBroker(here: Place, again: string): Promise<void> {
  const { path } = await findNatsServer();
  const first = `[ "$1" = --version ] || mkdir '${here.path}/begun' || { ${again}; }`;
  const server = await here.write('nats', `#!/bin/sh\n${first}\nexec '${path}' "$@"\n`);
  await chmod(server, 0o755);
  vi.stubEnv('NATS_SERVER_BIN', server);
  onTestFinished(() => void vi.unstubAllEnvs());
}

function killBroker(here: Place): void {
  for (const broker of childrenOf(process.pid, here.path)) {
    if (childrenOf(process.pid, 'nats-server').includes(broker)) process.kill(broker, 'SIGKILL');
  }
}

test('a broker that dies for good while the system starts is an error, and leaves nothing running', async () => {
  await using here = await place();
  await useBroker(here, 'exit 1');
  const starting = started(here.path, () => killBroker(here));
  const failure = await starting.catch((error: unknown) => error);
  expect(explain(failure)).toMatchObject({
    exitCode: EXIT.missing,
    message: expect.stringContaining('did not come up'),
  });
  expect(processesWith(here.path)).toEqual([]);
});

test('a stop while the broker reads its log again does not wait for its end, and leaves nothing running', async () => {
  await using here = await place();
  const reading = join(here.path, 'reading');
  await useBroker(here, `: > '${reading}'; while kill -0 $PPID; do sleep 1; done; exit`);
  const stop = new AbortController();
  {
    await using system = await started(here.path, () => undefined, stop.signal);
    killBroker(here);
    await eventually(() => existsSync(reading));
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    stop.abort();
    vi.advanceTimersByTime(5_000);
    vi.useRealTimers();
    expect(await system.failed.catch((error: unknown) => error)).toBe(stop.signal.reason);
  }
  expect(processesWith(here.path)).toEqual([]);
});

test('a console that comes up after the start was aborted is closed again', async () => {
  await using here = await place();
  const servers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPServerWrap').length;
  const before = servers();
  const stop = new AbortController();
  const starting = started(here.path, () => stop.abort(), stop.signal);
  expect(await starting.catch((error: unknown) => error)).toBe(stop.signal.reason);
  await eventually(() => servers() === before);
});

test('an engine that dies silently is not explained with the output of an earlier one', async () => {
  await using here = await place();
  const logFile = await here.write('logs/engine.log', 'an earlier start: no space left\n');
  const starts = async (code: string) => {
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
    const starting = startEngine({ folder: here.path, logFile, env, settings: {} });
    return explain(await starting.catch((error: unknown) => error));
  };
  expect(await starts('process.exit(7)')).toMatchObject({
    message: 'the local engine did not come up: it ended (exit code 7)',
    remedy: `Its log is ${logFile}.`,
  });
  expect(await starts('console.error("no voice"); process.exit(7)')).toMatchObject({
    remedy: `Its log is ${logFile}. It ends with:\n  no voice`,
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { childStarted, eventually, type TemporaryFolder, temporaryFolder } from '@setlist/testkit';
import { afterEach, beforeEach, expect, it } from 'vitest';

const MAIN = join(import.meta.dirname, '../src/main.ts');

let folder: TemporaryFolder;
let running: ChildProcess[];
beforeEach(async () => {
  folder = await temporaryFolder();
  running = [];
});
afterEach(async () => {
  for (const child of running) await end(child, 'SIGKILL');
  await folder[Symbol.asyncDispose]();
});

/** Starts the engine as its own process and waits for its port. */
async function start(env: Readonly<Record<string, string>> = {}, command = [process.execPath, MAIN]) {
  const portFile = join(folder.path, 'port');
  await writeFile(portFile, '');
  const [program = '', ...parameters] = command;
  const child = spawn(program, parameters, {
    env: {
      LISTEN_PORT: '0',
      PORT_FILE: portFile,
      WORKERS: '1',
      STATE_DIR: join(folder.path, 'state'),
      TASK_OUTPUT_DIR: join(folder.path, 'out'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(childStarted('polly-local', child));
  let log = '';
  child.stdout?.on('data', (text) => {
    log += text;
  });
  const port = await eventually(async () => Number(await readFile(portFile, 'utf8')));
  return { child, url: `http://127.0.0.1:${port}`, log: () => log };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
  return child.exitCode;
}

const post = async (url: string, body: object) =>
  (await fetch(url, { method: 'POST', body: JSON.stringify(body) })).json();
const speech = { Text: 'Hello.', VoiceId: 'Matthew', OutputFormat: 'mp3' };

it('says where it listens, and stops cleanly when told to, after the calls in flight', async () => {
  const { child, url, log } = await start({ FAULT_LATENCY_MS: '500' });
  // The port's file can exist before the line has come through the pipe.
  const started = await eventually(() => /^.*"listening".*(?=\n)/m.exec(log()));
  expect(JSON.parse(started[0])).toMatchObject({ url, engine: 'espeak' });
  // Its speech takes long enough for the call to be seen in flight.
  const long = JSON.stringify({ ...speech, Text: 'Whales. '.repeat(60) });
  const underWay = fetch(`${url}/v1/speech`, { method: 'POST', body: long });
  await eventually(async () => {
    const stats = (await (await fetch(`${url}/_local/stats`)).json()) as {
      calls: Record<string, { inFlight: number }>;
    };
    return stats.calls['SynthesizeSpeech/standard']?.inFlight === 1;
  });
  const code = end(child, 'SIGTERM');
  const reply = await underWay;
  expect(reply.status).toBe(200);
  expect((await reply.arrayBuffer()).byteLength).toBeGreaterThan(1_000);
  expect(await code).toBe(0);
});

it('loses no task when it is killed: each one ends once, after the restart', async () => {
  const first = await start();
  const started = (await Promise.all(
    ['one', 'two', 'three'].map((prefix) =>
      post(`${first.url}/v1/synthesisTasks`, {
        ...speech,
        Text: 'The whale swam. '.repeat(60),
        OutputS3BucketName: 'audio',
        OutputS3KeyPrefix: prefix,
      }),
    ),
  )) as { SynthesisTask: { TaskId: string } }[];
  const ids = started.map(({ SynthesisTask }) => SynthesisTask.TaskId);
  await end(first.child, 'SIGKILL');

  const second = await start();
  for (const id of ids) {
    await eventually(async () => {
      const task = (await (await fetch(`${second.url}/v1/synthesisTasks/${id}`)).json()) as {
        SynthesisTask: { TaskStatus: string };
      };
      return task.SynthesisTask.TaskStatus === 'completed';
    });
  }
  const written = await readdir(join(folder.path, 'out', 'audio'));
  expect(written.filter((name) => name.endsWith('.mp3'))).toHaveLength(3);
});

it('starts with more stored tasks than allowed open files, and forgets tasks older than 72 hours', async () => {
  const tasks = join(folder.path, 'state', 'tasks');
  await mkdir(tasks, { recursive: true });
  const hoursAgo = (hours: number) => Date.now() - hours * 3_600_000;
  const keep = (id: string, creationMs: number) =>
    writeFile(
      join(tasks, `${id}.json`),
      JSON.stringify({ id, status: 'completed', creationMs, order: {}, input: {}, output: {} }),
    );
  for (let n = 0; n < 300; n++) await keep(`recent-${n}`, hoursAgo(71));
  await keep('old', hoursAgo(73));
  const limited = ['sh', '-c', 'ulimit -n 150 && exec "$0" "$1"', process.execPath, MAIN];
  await start({ ENGINE: 'instant' }, limited);
  await eventually(async () => !(await readdir(tasks)).includes('old.json'));
  expect(await readdir(tasks)).toHaveLength(300);
});

it('names every wrong setting and exits with 3', async () => {
  const child = spawn(process.execPath, [MAIN], {
    env: { QUOTAS: 'many', WORKERS: '-1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  running.push(childStarted('polly-local', child));
  let told = '';
  child.stderr?.on('data', (text) => {
    told += text;
  });
  await once(child, 'close');
  expect(child.exitCode).toBe(3);
  expect(told).toContain('QUOTAS');
  expect(told).toContain('WORKERS');
});

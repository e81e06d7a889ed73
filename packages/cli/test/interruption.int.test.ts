/** Whatever ends the command or its children in the middle, the work goes on and nothing is paid for twice over. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findNatsServer } from '@setlist/broker';
import { eventually, setFaults } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { childrenOf, jsonLines, MAIN, type Place, place, processesWith, seen, setOf } from './cli.ts';

/** Far more than are done before a test acts, however slow the machine. */
const ITEMS = 400;
const CHARACTERS = Array.from({ length: ITEMS }, (_, index) => `Phrase ${index} of long.`.length).reduce(
  (a, b) => a + b,
);
/** 4 at once, 0.3 s each: 13 a second. */
const SLOW = { FAULT_LATENCY_MS: '300', CONCURRENCY: '4', CALL_TIMEOUT: '3s' };
const LONGEST = `Phrase ${ITEMS - 1} of long.`.length;

interface Beginning {
  readonly env?: Record<string, string>;
  readonly options?: readonly string[];
}

async function begin(here: Place, { env = {}, options = [] }: Beginning = {}) {
  await here.write('long.yml', setOf('long', ITEMS));
  const command = await here.start(['run', 'long.yml', '--json', ...options], { ...SLOW, ...env });
  // As it is seen from outside, since the lines in between are five seconds apart.
  await seen(async () => {
    const sets = jsonLines(await here.run(['status', '--json']));
    expect(sets.map(({ completed }) => Number(completed) > 8)).toContain(true);
  });
  return command;
}

async function expectAllDone(here: Place): Promise<void> {
  await here.write('short.yml', setOf('short', 1));
  await seen(async () => {
    // What an earlier start left goes on beside it.
    await here.run(['run', 'short.yml']);
    const sets = jsonLines(await here.run(['status', '--json'])).filter(({ set }) => set === 'long');
    expect(sets).not.toHaveLength(0);
    for (const { state, completed } of sets) expect([state, completed]).toEqual(['completed', ITEMS]);
  });
}

const paidFor = async (here: Place): Promise<number> =>
  jsonLines(await here.run(['status', '--json']))
    .filter(({ set }) => set === 'long')
    .reduce((sum, { billedCharacters }) => sum + Number(billedCharacters), 0);

test('Ctrl-C lets calls under way end; the next run goes on and pays for the rest only', async () => {
  await using here = await place();
  await using first = await begin(here);
  const { code } = await first.term('SIGINT');
  expect(code).toBe(130);
  expect(first.lines.join('\n')).toContain('goes on at the next start. To end it for good:');
  expect(processesWith(here.path), 'children left running').toEqual([]);

  const second = await here.run(['run', 'long.yml', '--json']);
  expect(second.lines.join('\n')).toMatch(/Going on with long-\S+ as well/);
  const [result = {}] = jsonLines(second);
  expect(second.code).toBe(0);
  expect(result.completed).toBe(ITEMS);
  await expectAllDone(here);
  expect(await paidFor(here), 'each phrase paid once, by whichever set').toBe(CHARACTERS);
});

test('a --fresh run that was stopped goes on when it is repeated, and each sound is paid for once', async () => {
  await using here = await place();
  await using first = await begin(here, { options: ['--fresh'] });
  expect((await first.term('SIGINT')).code).toBe(130);

  const second = await here.run(['run', 'long.yml', '--fresh', '--json']);
  expect(second.code).toBe(0);
  expect(second.lines.join('\n')).toMatch(/Going on with long-\S+, the unfinished --fresh run of long\.yml/);
  expect(jsonLines(second)).toMatchObject([{ set: 'long', completed: ITEMS, billedCharacters: CHARACTERS }]);
  const payments = () => here.run(['replay', '--type', 'SoundPaid']);
  expect(jsonLines(await payments()), 'each sound once').toHaveLength(ITEMS);
  expect((await here.run(['run', 'long.yml', '--fresh'])).code).toBe(0);
  expect(jsonLines(await payments()), 'anew once it has ended').toHaveLength(2 * ITEMS);
});

test.each([
  ['SIGINT', /Not begun: a\.yml\. To go on, name only this file\./],
  ['SIGKILL', /An earlier "setlist run" ended before it had begun a\.yml/],
] as const)(
  'a file that no set had begun with at %s is made only if it is named again, and once',
  async (signal, words) => {
    await using here = await place();
    await here.write('a.yml', setOf('a', 1));
    // No set file can be kept, so that none is accepted.
    const obstacle = await here.write('.setlist/store/setfiles', 'a file where a folder is to be');
    await using first = await here.start(['run', 'a.yml', '--fresh', '--no-console']);
    await first.waitForLine(/a\.yml waits for a retry/);
    await first.term(signal);
    await rm(obstacle);

    const second = await here.run(['run', 'a.yml', '--fresh', '--no-console']);
    expect([...first.lines, ...second.lines].join('\n')).toMatch(words);
    expect(second.code).toBe(0);
    expect(jsonLines(await here.run(['status', '--json']))).toHaveLength(1);
    expect(await readdir(join(here.path, '.setlist/inbox/.claimed'))).toEqual([]);
  },
);

test('kill -9 loses nothing and leaves no orphan behind the next run', async () => {
  await using here = await place();
  await using first = await begin(here);
  const engines = childrenOf(first.pid, 'polly-local');
  expect(engines).toHaveLength(1);
  await first.kill9();
  const second = await here.run(['run', 'long.yml', '--json']);
  expect(second.code).toBe(0);
  expect(jsonLines(second)[0]?.completed).toBe(ITEMS);
  await expectAllDone(here);
  expect(await paidFor(here), 'at most the calls in flight are paid again').toBeLessThanOrEqual(
    CHARACTERS + 4 * LONGEST,
  );
  expect(processesWith(here.path), 'orphans').toEqual([]);
  expect(
    engines.filter((pid) => processesWith('polly-local').includes(pid)),
    'the orphaned engine',
  ).toEqual([]);
});

test('a broker and an engine that die are brought back, and the set completes', async () => {
  await using here = await place();
  await using command = await begin(here);
  const port = await readFile(join(here.path, '.setlist/engine/port'), 'utf8');
  const [engine = Number.NaN] = childrenOf(command.pid, 'polly-local');
  process.kill(engine, 'SIGKILL');
  await command.waitForLine(/The local engine has ended by itself/);
  const [broker = Number.NaN] = childrenOf(command.pid, 'nats-server');
  process.kill(broker, 'SIGKILL');
  await command.waitForLine(/The broker has ended by itself/);
  // The rest need not go slowly any more, once the engine is back.
  await eventually(() => setFaults({ engineUrl: `http://127.0.0.1:${port}` }, {}));
  const { code } = await command.exited;
  expect(jsonLines({ stdout: command.stdout() })[0]).toMatchObject({ completed: ITEMS, failed: 0 });
  expect(code).toBe(0);
});

test('a store that is taken away while items are made is waited for, and not made anew', async () => {
  await using here = await place();
  await using command = await begin(here);
  const [store, away] = [join(here.path, '.setlist/store'), join(here.path, 'unplugged')];
  await rename(store, away);
  await command.waitForLine(/the store can’t be used.*\.setlist\/store is gone/);
  expect(existsSync(store)).toBe(false);
  await rename(away, store);
  expect((await command.term('SIGINT')).code).toBe(130);
  const [set] = jsonLines(await here.run(['status', '--json']));
  expect(set).toMatchObject({ set: 'long', failed: 0 });
});

test('a broker that does not come up any more is an error, also while items are under way', async () => {
  await using here = await place();
  const { path } = await findNatsServer();
  const server = await here.write('nats', `#!/bin/sh\nexec '${path}' "$@"\n`);
  await chmod(server, 0o755);
  await using command = await begin(here, { env: { NATS_SERVER_BIN: server } });
  await writeFile(
    server,
    '#!/bin/sh\n[ "$1" = --version ] && echo "nats-server: v2.10.27" && exit\nexit 1\n',
  );
  const [broker = Number.NaN] = childrenOf(command.pid, 'nats-server');
  process.kill(broker, 'SIGKILL');
  const { code } = await command.exited;
  expect(code).toBe(3);
  expect(command.lines.join('\n')).toContain('did not come up');
});

/** What has a command count its process ids anew, as a container does. */
const APART = ['unshare', '-Urpf', '--mount-proc'] as const;
const mayBeApart = (): boolean => spawnSync(APART[0], [...APART.slice(1), 'true']).status === 0;

test.runIf(mayBeApart())(
  'a command in another container is refused the folder of a running system',
  async () => {
    await using here = await place();
    await using system = await here.start(['up', '--no-console']);
    await system.waitForLine(/Setlist is up/);
    const [program, ...options] = [...APART, process.execPath, MAIN, 'status'];
    const { status, stderr } = spawnSync(program, options, { cwd: here.path, encoding: 'utf8' });
    expect(stderr).toMatch(/is in use by "setlist up" .* in another container or on another machine/);
    expect(status).toBe(3);
    expect((await here.run(['status'])).code, 'the system has its folder still').toBe(0);
    await system.term();
  },
);

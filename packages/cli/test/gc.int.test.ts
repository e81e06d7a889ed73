/** `setlist gc`: lists what could be removed, and removes it only when asked to. */
import { once } from 'node:events';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startBroker } from '@setlist/broker';
import { newEvent, runId, setId, subjects } from '@setlist/contracts';
import { openEventLog } from '@setlist/eventlog';
import { eventually } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { jsonLines, type Place, place, seen, setOf } from './cli.ts';

const ALL = ['gc', '--unused-for', '0s'] as const;

test('unused sounds are listed, and removed only on request; the user’s files stay', async () => {
  await using here = await place();
  await here.write('tour.yml', setOf('tour', 3));
  expect((await here.run(['run', 'tour.yml'])).code).toBe(0);
  const audio = join(here.path, '.setlist/store/audio');
  const regions: (string | undefined)[] = [];
  const s3 = createServer(({ headers: { authorization = '' } }, response) => {
    regions.push(/Credential=test\/\d+\/([^/]+)\/s3\//.exec(authorization)?.[1]);
    response.end('<ListBucketResult/>');
  }).listen(0, '127.0.0.1');
  await once(s3, 'listening');
  const idle = await here.run(['gc', '--task-bucket', 'tasks'], {
    QUOTAS: 'a setting that gc has no use for',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(s3.address() as AddressInfo).port}`,
    POLLY_REGION: 'eu-west-2',
    S3_REGION: 'eu-central-1',
  });
  s3.close();
  expect(new Set(regions)).toEqual(new Set(['eu-west-2']));
  expect(idle).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Unused +nothing: .* last 365d/m) });

  const misled = await here.run(['gc'], { TASK_PREFIX: 'my tasks/' });
  expect(misled.code).toBe(3);
  expect(misled.lines.join('\n')).toMatch(/TASK_PREFIX.* must have \d+ characters at most/);

  const listed = await here.run([...ALL]);
  expect(listed.stdout).toMatch(/standard +tour\/item-000000-phrase-0-of-tour\.mp3/);
  expect(listed.stdout).toMatch(/^Unused +3 sounds for 0s or longer, .*, free to make again$/m);
  expect(listed.lines.join('\n')).toContain('Nothing was removed: add --delete to remove it.');
  expect(await readdir(audio)).toHaveLength(3);

  const unasked = await here.run([...ALL, '--delete']);
  expect(unasked.code).toBe(2);
  const said = unasked.lines.join('\n');
  expect(said).toMatch(
    /not a terminal\nRun the same command without --delete first, .* with --delete and --yes/,
  );
  expect(said, 'the list of another time').not.toContain('setlist gc');
  expect(await readdir(audio)).toHaveLength(3);

  const removed = await here.run([...ALL, '--delete', '--yes', '--json']);
  expect(removed.code).toBe(0);
  expect(jsonLines(removed)).toMatchObject([
    { kind: 'unused', provider: 'local', billedCharacters: 17 },
    { kind: 'unused' },
    { kind: 'unused' },
    { kind: 'summary', stored: { count: 3 }, unused: { count: 3 }, unasked: [] },
    { kind: 'removed', count: 3, kept: 0 },
  ]);
  expect(await readdir(audio)).toEqual([]);
  const named = (await readdir(join(here.path, 'out/tour'))).filter((name) => name.endsWith('.mp3'));
  expect(named).toHaveLength(3);
  const run = await here.run(['run', 'tour.yml', '--json']);
  expect(jsonLines(run)).toMatchObject([{ completed: 3, reused: 0, billedCharacters: 51 }]);
});

test('removes no unused sound until ingest has requested all items of a set, and says why and what to do', async () => {
  await using here = await place();
  await here.write('tour.yml', setOf('tour', 2));
  expect((await here.run(['run', 'tour.yml'])).code).toBe(0);
  await acceptAgain(here);
  const audio = join(here.path, '.setlist/store/audio');
  const gone = await here.run([...ALL, '--delete', '--yes']);
  expect(gone.code).toBe(0);
  expect(gone.stdout).toMatch(/^Unused +2 sounds/m);
  expect(gone.stdout).not.toContain('Removed');
  expect(gone.lines.join('\n')).toMatch(
    /not yet requested all items of tour-.* wait until it is done, and run this/,
  );
  expect(await readdir(audio)).toHaveLength(2);
  const summary = jsonLines(await here.run([...ALL, '--json'])).at(-1);
  expect(summary).toMatchObject({
    kind: 'summary',
    unused: { count: 2 },
    unasked: [expect.stringMatching(/^tour-/)],
  });
});

/** Leaves the log as an ingest does that dies before it requests the first item. */
async function acceptAgain(here: Place): Promise<void> {
  const data = join(here.path, '.setlist');
  await using broker = await startBroker({
    storeDir: join(data, 'broker'),
    logFile: join(data, 'logs/nats-server.log'),
  });
  await using log = await openEventLog({ servers: broker.url, name: 'test' });
  for await (const { event } of log.read({ subjects: [subjects.state('*')] })) {
    if (event?.name !== 'SetAccepted') continue;
    const run = runId(new Date(), new Uint8Array(6));
    const context = { source: 'ingest', now: new Date(), setId: setId('tour', run) } as const;
    await log.append(newEvent('SetAccepted', { ...event.data, run }, context), { lastSeq: 0 });
    return;
  }
}

test('beside a running system, lists nothing that a set still needs and removes no audio unknown to the log', async () => {
  await using here = await place();
  await here.write('tour.yml', setOf('tour', 2));
  expect((await here.run(['run', 'tour.yml'])).code).toBe(0);
  await using system = await here.start(['up'], { FAULT_LATENCY_MS: '500', CONCURRENCY: '1' });
  await system.waitForLine(/drop set files/);
  await here.write('more.yml', `${setOf('more', 200)}  - text: Phrase 0 of tour.\n`);
  const id = (await here.run(['submit', 'more.yml'])).stdout.trim();
  await system.waitForLine(/accepted +more-/);
  expect((await here.run(['pause', id])).code).toBe(0);
  await seen(async () => {
    expect(jsonLines(await here.run(['replay', id, '--type', 'ItemRequested']))).toHaveLength(201);
  });
  const audio = join(here.path, '.setlist/store/audio');
  const stranger = `${'d'.repeat(64)}.mp3`;
  await writeFile(join(audio, stranger), 'x');
  await utimes(join(audio, stranger), new Date(0), new Date(0));

  const gone = await here.run([...ALL, '--delete', '--yes', '--json']);
  expect(jsonLines(gone)).toMatchObject([
    { kind: 'unused', file: 'tour/item-000001-phrase-1-of-tour.mp3' },
    { kind: 'unknown', key: `audio/${stranger}` },
    { kind: 'summary', unknown: { count: 1 } },
    { kind: 'removed', count: 1 },
  ]);
  expect(await readdir(audio)).toContain(stranger);
  await system.term('SIGTERM');
});

test('explains an invalid time, and a data folder without sounds', async () => {
  await using here = await place();
  expect((await here.run(['gc', '--unused-for', 'soon'])).lines.join('\n')).toMatch(
    /is not a length of time\n.*180d/,
  );
  expect(await here.run(['gc'])).toMatchObject({ code: 0, lines: [expect.stringContaining('no sounds in')] });
});

test('Ctrl-C ends the removal, and gc says what was removed until then', async () => {
  await using here = await place();
  await here.write('tour.yml', setOf('tour', 1));
  expect((await here.run(['run', 'tour.yml'])).code).toBe(0);
  const [sound = ''] = await readdir(join(here.path, '.setlist/store/audio'));
  const tasks = join(here.path, '.setlist/buckets/setlist-tasks/setlist');
  await mkdir(tasks, { recursive: true });
  const many = Array.from({ length: 2_000 }, (_, index) =>
    join(tasks, sound.replace('.', `.task-${index}.`)),
  );
  for (const path of many) {
    await writeFile(path, 'x');
    await utimes(path, new Date(0), new Date(0));
  }
  const left = async () => (await readdir(tasks)).length;
  const ended = await here.interrupted(['gc', '--delete', '--yes', '--json'], () =>
    eventually(async () => (await left()) < many.length, { everyMs: 1 }),
  );
  expect(ended.code).toBe(130);
  const removed = jsonLines(ended).at(-1);
  expect(removed).toMatchObject({ kind: 'removed', count: many.length - (await left()) });
  expect(await left()).toBeGreaterThan(0);
});

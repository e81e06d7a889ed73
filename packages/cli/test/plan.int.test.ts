/** What `plan` shows of a set before money is spent, beside its last run and the store. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LARGE_BYTES } from '@setlist/admission';
import { startBroker } from '@setlist/broker';
import { expect, test } from 'vitest';
import { jsonLines, place, setOf } from './cli.ts';

const TOUR = `set:
  name: tour
defaults:
  engine: standard
items:
  - text: Welcome.
    output-file: welcome.mp3
  - text: Mind the step.
    output-file: step.mp3
  - text: Goodbye.
    output-file: bye.mp3
`;

test('plan compares with the last run: new, changed and cached items, and the files it leaves behind', async () => {
  await using here = await place();
  await here.write('tour.yml', TOUR);
  expect((await here.run(['run', 'tour.yml'])).code).toBe(0);
  const edited = TOUR.replace('Welcome.', 'Welcome, all.')
    .replace('  - text: Mind the step.\n    output-file: step.mp3\n', '')
    .replace('bye.mp3', 'goodbye.mp3');
  await here.write('tour.yml', `${edited}  - text: One more thing.\n    output-file: more.mp3\n`);

  const [plan] = jsonLines(await here.run(['plan', 'tour.yml', '--json']));
  expect(plan).toMatchObject({
    states: { new: 1, changed: 1, cached: 1, anew: 0 },
    billedCharacters: 'Welcome, all.One more thing.'.length,
    lastRun: { setId: expect.stringMatching(/^tour-\d{8}t\d{6}-/) },
    leftBehind: [
      { index: 1, file: 'step.mp3', because: 'removed' },
      { index: 2, file: 'bye.mp3', because: 'renamed', now: 'goodbye.mp3' },
    ],
  });
  const { stdout, code } = await here.run(['plan', 'tour.yml']);
  expect(code).toBe(0);
  expect(stdout).toContain('Items       3: 1 new, 1 changed, 1 cached');
  expect(stdout).toContain('Left over   2 files');
  expect(stdout).toMatch(/tour\/bye\.mp3\n {4}now goodbye\.mp3/);

  const [fresh] = jsonLines(await here.run(['plan', 'tour.yml', '--fresh', '--json']));
  expect(fresh).toMatchObject({ states: { new: 1, changed: 1, anew: 1, cached: 0 }, billedCharacters: 36 });
});

test('files that the last run never wrote are not left over, nor does it count as having made them', async () => {
  await using here = await place();
  await here.write('tour.yml', TOUR);
  const failing = { FAULT_5XX: '1', RETRY_FOR: '1s' };
  expect((await here.run(['run', 'tour.yml', '--no-console'], failing)).code).toBe(1);
  await here.write(
    'tour.yml',
    TOUR.replaceAll('Welcome.', 'Welcome, all.').replace('bye.mp3', 'goodbye.mp3'),
  );
  const [plan] = jsonLines(await here.run(['plan', 'tour.yml', '--json']));
  expect(plan).toMatchObject({ states: { new: 3, changed: 0 }, leftBehind: [] });
  expect(plan).toHaveProperty('lastRun');
});

test('what the local engine has made counts as unpaid in what Polly would charge', async () => {
  await using here = await place();
  await here.write('tour.yml', TOUR);
  expect((await here.run(['run', 'tour.yml'])).code).toBe(0);
  const [byPolly] = jsonLines(await here.run(['plan', 'tour.yml', '--provider', 'polly', '--json']));
  expect(byPolly?.estimatedUsd).toBe('0.00012');
  const [plan] = jsonLines(await here.run(['plan', 'tour.yml', '--json']));
  expect(plan).toMatchObject({ states: { cached: 3 }, estimatedUsd: '0.00', byPollyUsd: '0.00012' });
});

test('plan counts what is gone from the store as to be paid, as the run after it does', async () => {
  await using here = await place();
  await here.write('tour.yml', TOUR);
  expect((await here.run(['run', 'tour.yml'])).code).toBe(0);
  await rm(join(here.path, '.setlist/store/audio'), { recursive: true });

  const [plan] = jsonLines(await here.run(['plan', 'tour.yml', '--json']));
  const billedCharacters = 'Welcome.Mind the step.Goodbye.'.length;
  expect(plan).toMatchObject({ states: { new: 0, gone: 3, cached: 0 }, billedCharacters });
  const { stdout } = await here.run(['plan', 'tour.yml']);
  expect(stdout).toContain('Items       3: 3 gone from the store');
  expect(stdout).toContain('To pay      30 characters in 3 sounds');
  expect(jsonLines(await here.run(['run', 'tour.yml', '--json']))[0]).toMatchObject({
    completed: 3,
    billedCharacters,
  });
  expect((await here.run(['plan', 'tour.yml'])).stdout).toContain('Items       3: 3 cached');
});

test('plan says that it can’t look where the audio of a system elsewhere is kept, unless it is told', async () => {
  await using here = await place();
  await here.write('tour.yml', TOUR);
  expect((await here.run(['run', 'tour.yml'])).code).toBe(0);
  const data = join(here.path, '.setlist');
  await using broker = await startBroker({
    storeDir: join(data, 'broker'),
    logFile: join(data, 'logs/nats-server.log'),
  });
  const plan = ['plan', 'tour.yml', '--server', broker.url];
  await rm(join(data, 'store/audio'), { recursive: true });
  const blind = await here.run([...plan, '--json']);
  expect(jsonLines(blind)[0]).toMatchObject({ states: { cached: 3 }, audioUnknown: true });
  expect(blind.lines.join('\n')).toContain('Add --store');
  const [told] = jsonLines(await here.run([...plan, '--store', join(data, 'store'), '--json']));
  expect(told).toMatchObject({ states: { gone: 3 } });
  expect(told).not.toHaveProperty('audioUnknown');

  const away = await here.run([...plan, '--store', 's3://setlist-nowhere'], {
    S3_ENDPOINT: 'http://127.0.0.1:1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'eu-central-1',
  });
  expect([away.code, away.stdout]).toEqual([3, '']);
  expect(away.lines.join('\n')).toContain('Cannot look up s3://setlist-nowhere/audio/');
});

test('of many items a plan shows those that are to be made, and all when asked', async () => {
  await using here = await place();
  await here.write('long.yml', setOf('long', 50));
  const brief = (await here.run(['plan', 'long.yml'])).stdout;
  expect(brief).toContain('and 30 items more: --items shows all');
  expect(brief).not.toContain('phrase-49');
  expect((await here.run(['plan', 'long.yml', '--items'])).stdout).toContain('phrase-49');
});

test('a file so large that it is read by a thread of its own is planned and adopted like any other', async () => {
  await using here = await place();
  const items = Math.ceil(LARGE_BYTES / '  - text: Phrase 0 of long.\n'.length);
  await here.write('long.yml', setOf('long', items));
  const [plan] = jsonLines(await here.run(['plan', 'long.yml', '--json']));
  expect(plan).toMatchObject({ states: { new: items } });
  expect(plan?.items).toHaveLength(items);
  await mkdir(join(here.path, 'audio/long'), { recursive: true });
  await writeFile(join(here.path, 'audio/long/item-000000-phrase-0-of-long.mp3'), 'no audio at all');
  const dry = await here.run(['adopt', 'audio', 'long.yml', '--provider', 'local', '--dry-run', '--json']);
  expect(jsonLines(dry)).toHaveLength(items);
});

/** `setlist adopt`: audio made elsewhere is reused, and nothing is adopted unasked. */
import { existsSync } from 'node:fs';
import { cp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseSetFile } from '@setlist/set-file';
import { folderObjectStore } from '@setlist/storage';
import { eventually, startS3, temporaryFolder } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { adoptionOf } from '../src/commands/stored-audio/adoption.ts';
import { jsonLines, type Place, place, setOf } from './cli.ts';

const FILE = 'tour.yml';
const outcomes = (lines: readonly Record<string, unknown>[]) => lines.map(({ outcome }) => outcome);

/** A place with a set, its audio in `audio/`, and no memory of having made it. */
async function withAudio(items: number): Promise<Place> {
  const here = await place();
  await here.write(FILE, setOf('tour', items));
  const made = await here.run(['run', FILE, '--out', 'audio']);
  if (made.code !== 0) throw new Error(made.lines.join('\n'));
  await rm(join(here.path, '.setlist'), { recursive: true });
  return here;
}

test('audio in a folder becomes known sounds, and a run of the set pays nothing for it', async () => {
  await using here = await withAudio(5);
  await rm(join(here.path, 'audio/tour/item-000004-phrase-4-of-tour.mp3'));
  await writeFile(join(here.path, 'audio/tour/item-000003-phrase-3-of-tour.mp3'), 'no audio at all');

  const dry = await here.run(['adopt', 'audio', FILE, '--provider', 'local', '--dry-run', '--json']);
  expect(outcomes(jsonLines(dry))).toEqual(['adoptable', 'adoptable', 'adoptable', 'unusable', 'absent']);
  expect(existsSync(join(here.path, '.setlist')), 'a dry run leaves nothing behind').toBe(false);

  const adopted = await here.run(['adopt', 'audio', FILE, '--provider', 'local', '--yes']);
  expect(adopted.code).toBe(1);
  expect(adopted.stdout).toMatch(/^5 items: 4 to adopt, 1 not there$/m);
  expect(adopted.stdout).toMatch(
    /^unusable +tour\/item-000003-phrase-3-of-tour\.mp3: the audio can't be read/m,
  );
  expect(adopted.stdout).toMatch(/^Adopted 3 sounds \(.*\); nothing was paid\.$/m);

  const again = await here.run(['adopt', 'audio', FILE, '--provider', 'local', '--yes', '--json']);
  expect(outcomes(jsonLines(again))).toEqual(['known', 'known', 'known', 'unusable', 'absent']);
  const run = await here.run(['run', FILE, '--json']);
  expect(jsonLines(run)).toMatchObject([{ completed: 5, reused: 3, billedCharacters: 34 }]);
});

test('the folder can be named by file:///, and by ./ if it has a colon', async () => {
  await using here = await withAudio(1);
  const dryRun = (from: string) =>
    here.run(['adopt', from, FILE, '--provider', 'local', '--dry-run', '--json']);
  const byUrl = await dryRun(pathToFileURL(join(here.path, 'audio')).href);
  expect(outcomes(jsonLines(byUrl))).toEqual(['adoptable']);
  await rename(join(here.path, 'audio'), join(here.path, 'ver:1'));
  const misread = await dryRun('ver:1');
  expect(misread.code).toBe(2);
  expect(misread.lines.join('\n')).toMatch(
    /the place: "ver:1" is not .*\n.* \.\/ before a path that has a colon/,
  );
  expect(outcomes(jsonLines(await dryRun('./ver:1')))).toEqual(['adoptable']);
});

test('one phrase under several names is one sound, taken from the first usable file', async () => {
  await using here = await place();
  const twice = `${setOf('tour', 1)}  - text: Phrase 0 of tour.\n    output-file: again.mp3\n`;
  await here.write(FILE, twice);
  expect((await here.run(['run', FILE, '--out', 'audio'])).code).toBe(0);
  await rm(join(here.path, '.setlist'), { recursive: true });
  const adopt = ['adopt', 'audio', FILE, '--provider', 'local', '--json'];
  expect(outcomes(jsonLines(await here.run([...adopt, '--dry-run'])))).toEqual(['adoptable', 'same']);
  await writeFile(join(here.path, 'audio/tour/item-000000-phrase-0-of-tour.mp3'), '');
  expect(outcomes(jsonLines(await here.run([...adopt, '--yes'])))).toEqual(['unusable', 'adopted']);
});

test('audio is adopted for all versions of a set file together', async () => {
  await using here = await withAudio(3);
  await here.write('earlier.yml', setOf('tour', 2));
  const named = [FILE, 'earlier.yml'];
  const adopted = await here.run(['adopt', 'audio', ...named, '--provider', 'local', '--yes', '--json']);
  expect(adopted.code).toBe(0);
  expect(outcomes(jsonLines(adopted))).toEqual(['adopted', 'adopted', 'adopted', 'same', 'same']);
});

test('paid audio that is gone from the store is restored from the user’s files and not paid for again', async () => {
  await using here = await place();
  await here.write(FILE, setOf('tour', 3));
  expect((await here.run(['run', FILE, '--out', 'audio'])).code).toBe(0);
  await rm(join(here.path, '.setlist/store/audio'), { recursive: true });
  await writeFile(join(here.path, 'audio/tour/item-000002-phrase-2-of-tour.mp3'), 'other audio');
  const adopt = ['adopt', 'audio', FILE, '--provider', 'local', '--json'];
  expect(outcomes(jsonLines(await here.run([...adopt, '--dry-run'])))).toEqual([
    'adoptable',
    'adoptable',
    'unusable',
  ]);
  const adopted = await here.run([...adopt, '--yes']);
  expect(adopted.code).toBe(1);
  expect(jsonLines(adopted)).toMatchObject([
    { outcome: 'restored', durationMs: expect.any(Number) },
    { outcome: 'restored' },
    { outcome: 'unusable', why: expect.stringContaining('other audio than was paid for') },
  ]);
  expect(outcomes(jsonLines(await here.run([...adopt, '--yes'])))).toEqual(['known', 'known', 'unusable']);
  const run = await here.run(['run', FILE, '--out', 'again', '--json']);
  expect(jsonLines(run)).toMatchObject([{ completed: 3, reused: 2, billedCharacters: 17 }]);
});

test('beside a running system, the sounds are known at once, under its provider', async () => {
  await using here = await withAudio(3);
  await using system = await here.start(['up']);
  await system.waitForLine(/drop set files/);
  const adopted = await here.run(['adopt', 'audio', FILE, '--yes', '--json']);
  expect(outcomes(jsonLines(adopted))).toEqual(['adopted', 'adopted', 'adopted']);
  const run = await here.run(['submit', FILE, '--wait', '--json']);
  expect(jsonLines(run)).toMatchObject([{ completed: 3, reused: 3, billedCharacters: 0 }]);
  await system.term('SIGTERM');
});

test('audio in a bucket is adopted as in a folder, from and into S3', async () => {
  await using s3 = await startS3();
  await s3.createBucket('old');
  await s3.createBucket('new');
  const env = { ...s3.env, S3_ENDPOINT: s3.endpoint, S3_REGION: s3.region, S3_FORCE_PATH_STYLE: 'true' };
  await using here = await place();
  await here.write(FILE, setOf('tour', 3));
  expect((await here.run(['run', FILE, '--out', 's3://old/out'], env)).code).toBe(0);
  await rm(join(here.path, '.setlist'), { recursive: true });
  const adopt = ['adopt', 's3://old/out', FILE, '--provider', 'local', '--yes', '--json'];
  const elsewhere = await here.run([...adopt, '--store', 's3://new/store'], env);
  expect(outcomes(jsonLines(elsewhere))).toEqual(['adopted', 'adopted', 'adopted']);
  const gc = await here.run(['gc', '--store', 's3://new/store', '--unused-for', '0s', '--json'], env);
  expect(jsonLines(gc).at(-1)).toMatchObject({ stored: { count: 3 }, unused: { count: 3 } });

  await rm(join(here.path, '.setlist'), { recursive: true });
  expect(outcomes(jsonLines(await here.run(adopt, env)))).toEqual(['adopted', 'adopted', 'adopted']);
  const run = await here.run(['run', FILE, '--out', 's3://old/again', '--json'], env);
  expect(jsonLines(run)).toMatchObject([{ completed: 3, reused: 3, billedCharacters: 0 }]);
});

test('Ctrl-C ends adopting, and what was adopted until then is told', async () => {
  await using here = await withAudio(300);
  const store = join(here.path, '.setlist/store/audio');
  const ended = await here.interrupted(['adopt', 'audio', FILE, '--provider', 'local', '--yes'], () =>
    eventually(async () => existsSync(store) && (await readdir(store)).length > 0, { everyMs: 1 }),
  );
  expect(ended.code).toBe(130);
  const adopted = (await readdir(store)).length;
  expect(adopted).toBeLessThan(300);
  expect(ended.stdout).toMatch(new RegExp(`^Adopted ${adopted} sounds? `, 'm'));
});

test('an ambiguous request is refused with a remedy before anything is done', async () => {
  await using here = await withAudio(1);
  const refusals = [
    [
      ['audio', FILE, '--provider', 'local'],
      /standard input is not a terminal\nRun the same command with --dry-run first, .*--yes/,
    ],
    [['nowhere', FILE, '--provider', 'local', '--yes'], /there is no folder .*nowhere/],
    [['file:///nowhere', FILE, '--provider', 'local', '--yes'], /there is no folder \/nowhere/],
    [['audio', FILE, '--yes'], /say who made this audio.*\n.*--provider polly/],
    [
      ['audio/tour', FILE, '--provider', 'local', '--yes'],
      /no audio under the names.*\n.*tour\/item-000000-phrase-0/,
    ],
    [['audio', FILE, '--server', 'nats://127.0.0.1:1', '--yes'], /--server names the log.*\n.*--store/],
  ] as const;
  for (const [args, said] of refusals) {
    const ended = await here.run(['adopt', ...args]);
    expect(ended.code, args.join(' ')).toBe(2);
    expect(ended.lines.join('\n')).toMatch(said);
  }
  expect(existsSync(join(here.path, '.setlist'))).toBe(false);
});

test('shows the list, says what can not be checked, and asks', async () => {
  await using here = await withAudio(2);
  const adopt = ['adopt', 'audio', FILE, '--provider', 'local'];
  const no = await here.answer(adopt, 'n\n');
  expect(no.code).toBe(4);
  expect(no.stdout).toMatch(/tour\/item-000001-phrase-1-of-tour\.mp3 +Phrase 1 of tour\./);
  const said = no.lines.join('\n');
  expect(said).toMatch(/Setlist can't check that the audio says the text/);
  expect(said).toMatch(/Adopt 2 sounds as made by the local engine\? \[y\/N\] .*Nothing was adopted/);
  expect(existsSync(join(here.path, '.setlist'))).toBe(false);
  const yes = await here.answer(adopt, 'y\n');
  expect(yes).toMatchObject({ code: 0, stdout: expect.stringMatching(/Adopted 2 sounds/) });
});

test('without a named engine, says which engine and voice the audio is assumed to come from', async () => {
  await using here = await place();
  const unnamed = setOf('tour', 2).replace('  engine: standard', '  output-format: pcm');
  await here.write(FILE, unnamed);
  expect((await here.run(['run', FILE, '--out', 'audio'])).code).toBe(0);
  const dry = ['adopt', 'audio', FILE, '--provider', 'polly', '--dry-run', '--json'];
  const said = (await here.run(dry)).lines.join('\n');
  expect(said).toMatch(
    /tour\.yml: 2 items without an engine: .* made by Matthew with the neural engine\..*"engine: standard"/,
  );
  await here.write(FILE, unnamed.replace('  output-format', '  engine: neural\n  output-format'));
  expect((await here.run(dry)).lines.join('\n')).not.toContain('without an engine');
});

test('leaves the files as they are, and needs them no more afterwards', async () => {
  await using here = await withAudio(2);
  await cp(join(here.path, 'audio'), join(here.path, 'copy'), { recursive: true });
  expect((await here.run(['adopt', 'audio', FILE, '--provider', 'local', '--yes'])).code).toBe(0);
  await rename(join(here.path, 'audio'), join(here.path, 'gone'));
  const run = await here.run(['run', FILE, '--out', 'out', '--json']);
  expect(jsonLines(run)).toMatchObject([{ completed: 2, reused: 2 }]);
});

test('a set of more items than a call takes arguments is looked at whole', async () => {
  await using audio = await temporaryFolder();
  const store = folderObjectStore(audio.path);
  const parsed = parseSetFile(Buffer.from(setOf('large', 1)), { fileName: 'large.yml' });
  if (!parsed.ok) throw new Error('not a set');
  const items = Array.from({ length: 200_000 }).flatMap(() => parsed.set.items);
  const basis = { source: store, provider: 'local', lexicons: new Map(), log: undefined, store } as const;
  expect(await adoptionOf([{ ...parsed.set, items }], basis)).toHaveLength(items.length);
});

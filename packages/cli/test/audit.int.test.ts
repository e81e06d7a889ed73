/** Looks back over the log with the real command: replay, verify, as-of, export, backup and archive. */
import { existsSync } from 'node:fs';
import { appendFile, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { REMEDIES } from '@setlist/audit';
import { POSITION_KEY } from '@setlist/contracts';
import { openEventLog } from '@setlist/eventlog';
import { eventually, freeze, startNats } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { jsonLines, type Place, place, setOf } from './cli.ts';

/** A folder in which a set of three items was made. */
async function toured(): Promise<Place & { readonly setId: string }> {
  const here = await place();
  await here.write('tour.yml', setOf('tour', 3));
  expect((await here.run(['run', 'tour.yml'])).code).toBe(0);
  const [status] = jsonLines(await here.run(['status', '--json']));
  return Object.assign(here, { setId: String(status?.setId) });
}

test('replay prints every event, or the selected ones, as CloudEvents with their numbers, also to a file', async () => {
  await using here = await toured();
  const all = jsonLines(await here.run(['replay']));
  expect(all.map(({ streamseq }) => Number(streamseq))).toEqual(all.map((_, at) => at + 1));
  expect(
    all.every(({ specversion, brokertime }) => specversion === '1.0' && typeof brokertime === 'string'),
  ).toBe(true);
  const completed = jsonLines(
    await here.run(['replay', 'tour', '--type', 'ItemCompleted', '--to', '2100-01-01']),
  );
  expect(completed.map(({ type }) => type)).toEqual(Array(3).fill('setlist.item.completed.v1'));
  const day = String(all.at(-1)?.brokertime).slice(0, 10);
  expect(jsonLines(await here.run(['replay', '--to', day])), 'the whole day').toHaveLength(all.length);
  const several = ['--type', 'SetAccepted', '--type', 'SetCompleted,ItemCompleted', 'tour'];
  expect(jsonLines(await here.run(['replay', ...several]))).toHaveLength(5);
  const out = await here.run(['replay', '--set', here.setId, '--from', '2', '--out', 'events.ndjson']);
  expect(out).toMatchObject({ code: 0, stdout: '' });
  const written = (await readFile(join(here.path, 'events.ndjson'), 'utf8')).trim().split('\n');
  expect(written.length).toBe(
    all.filter(({ setid, streamseq }) => setid === here.setId && Number(streamseq) >= 2).length,
  );
  const one = await here.run(['replay', 'tour', '--type', 'SetAccepted', '--out', 'one.ndjson']);
  expect(one.lines).toEqual([`1 event written to ${join(here.path, 'one.ndjson')}`]);
  const noDay = await here.run(['replay', '--to', '2026-13-45']);
  expect(noDay.code).toBe(2);
  expect(noDay.lines.join('\n')).toContain('--to "2026-13-45" is neither an event number nor a time');
  const wrong = await here.run(['replay', '--type', 'ItemWished']);
  expect(wrong.code).toBe(2);
  expect(wrong.lines.join('\n')).toMatch(/ItemWished.*\n.*ItemCompleted/);
});

test('verify finds what was damaged, and what it can not read; repair and the next start rebuild what follows from the log', async () => {
  await using here = await toured();
  const clean = await here.run(['audit', 'verify', '--deep']);
  expect(clean.code).toBe(0);
  expect(clean.stdout).toMatch(/1 set, 1 manifest, 3 sounds, 3 files in .*\nNothing is wrong\./);
  const [away, file] = ['away.mp3', 'out/tour/item-000002-phrase-2-of-tour.mp3'].map((name) =>
    join(here.path, name),
  ) as [string, string];
  await rename(file, away);
  // A store refuses to follow a link that leads out of its folder.
  await symlink(away, file);
  const unread = await here.run(['audit', 'verify']);
  expect(unread.stdout).toMatch(/1 set, 1 manifest, 3 sounds, 2 files in .*\n1 file could not be checked\./);
  expect(unread.code).toBe(3);
  await rm(join(here.path, 'out/tour/manifest.json'));
  await appendFile(join(here.path, 'out/tour/item-000001-phrase-1-of-tour.mp3'), 'x');
  const damaged = await here.run(['audit', 'verify', '--json']);
  expect(damaged.code).toBe(1);
  const codes = jsonLines(damaged).flatMap(
    ({ finding }) => (finding as { code: string } | undefined)?.code ?? [],
  );
  expect(codes.sort()).toEqual(['file-size', 'manifest-missing', 'store-unreachable']);
  await rename(away, file);
  const repaired = await here.run(['audit', 'verify', '--repair']);
  expect(repaired.lines.join('\n')).toContain('Rebuilt: 1 manifest.');
  expect(repaired.code, 'audio can not be rebuilt from the log').toBe(1);
  const [, projections = 'unnamed'] = /rm -r '([^']+)'/.exec(REMEDIES['projection-contradicts']) ?? [];
  await rm(join(here.path, projections), { recursive: true });
  expect((await here.run(['run', 'tour.yml'])).code).toBe(0);
  expect((await here.run(['audit', 'verify', '--deep'])).code).toBe(0);
});

test('a set can be shown as of a moment, and exported to a self-verifying file', async () => {
  await using here = await toured();
  const [early] = jsonLines(await here.run(['audit', 'as-of', '2', 'tour', '--json']));
  expect(early).toMatchObject({ asOf: 2, state: 'running', completed: 0 });
  const [late] = jsonLines(await here.run(['audit', 'as-of', '2100-01-01', '--json']));
  expect(late).toMatchObject({ setId: here.setId, state: 'completed', completed: 3 });
  const coming = (await here.run(['audit', 'as-of', '2100-01-01'])).lines.join('\n');
  expect(coming).toMatch(/2100-01-01T00:00:00\.000Z: After event \d+; .*\nThat is in the future/);
  expect((await here.run(['audit', 'as-of', '99999'])).lines.join('\n')).toMatch(
    /The log ends with event \d+:/,
  );
  expect((await here.run(['audit', 'as-of', 'yesterday'])).code).toBe(2);

  const exported = await here.run(['audit', 'export', 'tour', '--audio', '--out', 'tour.tar.gz', '--json']);
  expect(exported.code).toBe(0);
  const [{ chain } = {}] = jsonLines(exported) as { chain?: { head: string } }[];
  await rm(join(here.path, '.setlist'), { recursive: true });
  const checked = await here.run([
    'audit',
    'verify',
    '--archive',
    'tour.tar.gz',
    '--head',
    String(chain?.head),
  ]);
  expect(checked.stdout).toMatch(/completed: \d+ events, 3 audio files\n.*\nNothing is wrong\./);
  expect(checked.code).toBe(0);
  await writeFile(
    join(here.path, 'cut.tar.gz'),
    (await readFile(join(here.path, 'tour.tar.gz'))).subarray(0, 2_000),
  );
  const cut = await here.run(['audit', 'verify', '--archive', 'cut.tar.gz']);
  expect(cut.code).toBe(1);
  expect(cut.stdout).toMatch(/^archive-damaged\n.*cut\.tar\.gz: .*\n.*fetch the file again\.\n1 fault\.\n$/);
});

test('the head in a mail is recognized by the log it came from, and by no other', async () => {
  await using here = await toured();
  const [completed] = jsonLines(await here.run(['replay', 'tour', '--type', 'SetCompleted']));
  const { data } = completed as { data: { chain: { head: string } } };
  const { head } = data.chain;
  const known = await here.run(['audit', 'verify', '--set', 'tour', '--head', head]);
  expect(known).toMatchObject({ code: 0, stdout: expect.stringContaining('none of them has changed') });
  const unknown = await here.run(['audit', 'verify', '--set', 'tour', '--head', 'f'.repeat(64)]);
  expect(unknown.code).toBe(1);
});

test('a log is backed up, restored elsewhere, and old sets are archived without paying for anything again', async () => {
  await using here = await toured();
  expect((await here.run(['audit', 'backup', 'backup'])).code).toBe(0);
  await here.write('later.yml', setOf('later', 2));
  expect((await here.run(['run', 'later.yml'])).code).toBe(0);
  expect((await here.run(['audit', 'restore', 'backup'])).code, 'there is a log already').toBe(2);
  const mistyped = await here.run(['audit', 'restore', 'bakcup', '--data', 'restored']);
  expect(mistyped.lines.join('\n')).toContain('bakcup holds no finished backup');
  const restoring = await here.run(['audit', 'restore', 'backup', '--data', 'restored']);
  expect(restoring.code).toBe(0);
  expect(restoring.lines.join('\n'), 'the log that was restored').toContain(
    '"setlist audit verify --data restored" checks',
  );
  const { takenAt } = JSON.parse(await readFile(join(here.path, 'backup', 'backup.json'), 'utf8'));
  expect(restoring.lines.join('\n')).toContain(`of ${takenAt}: what was paid for or accepted since`);
  const restored = await here.run(['audit', 'verify', '--data', 'restored', '--store', '.setlist/store']);
  expect(restored.code, restored.lines.join('\n')).toBe(0);
  const adopted = await here.run([
    'adopt',
    'out',
    'later.yml',
    '--provider',
    'local',
    '--data',
    'restored',
    '--yes',
  ]);
  expect(adopted.code, adopted.lines.join('\n')).toBe(0);
  const later = await here.run(['run', 'later.yml', '--data', 'restored', '--json']);
  expect(jsonLines(later), 'what was made since the backup').toMatchObject([{ completed: 2, reused: 2 }]);

  await using elsewhere = await startNats();
  const toServer = await here.run(['audit', 'restore', 'backup', '--server', elsewhere.url]);
  expect(toServer.stdout).toMatch(/SETLIST_EVENTS: .* restored in 1 copy\n/);
  const [, told = ''] = /"setlist (adopt [^"]*)"/.exec(toServer.lines.join('\n')) ?? [];
  const filledIn = told
    .replace('OUTPUT SET-FILE… --provider polly', 'out later.yml --provider local')
    .replace('STORE', '.setlist/store');
  const taken = await here.run([...filledIn.split(' '), '--yes', '--json']);
  expect(jsonLines(taken), taken.lines.join('\n')).toMatchObject([
    { outcome: 'adopted' },
    { outcome: 'adopted' },
  ]);
  const verifyThere = ['audit', 'verify', '--server', elsewhere.url];
  const unnamed = await here.run(verifyThere);
  expect(unnamed.lines.join('\n')).toContain('The stored audio and set files are not checked');
  const named = await here.run([...verifyThere, '--store', '.setlist/store']);
  expect(named.lines.join('\n')).not.toContain('not checked');
  for (const { code } of [unnamed, named]) expect(code).toBe(0);
  {
    await using log = await openEventLog({ servers: elsewhere.url, name: 'cli-test' });
    const position = await log.sets.get<object>(POSITION_KEY);
    await log.sets.put(POSITION_KEY, { ...position?.value, lastSeq: 1 });
  }
  const repaired = await here.run([...verifyThere, '--no-audio', '--repair']);
  expect(repaired.stdout, 'as where no system runs').toContain('tracker-behind');

  const archived = await here.run([
    'audit',
    'archive',
    '--before',
    '2100-01-01',
    '--to',
    'archives',
    '--audio',
  ]);
  expect(archived.stdout).toMatch(/2 sets archived; generation 2 of the log has \d+ events fewer\./);
  expect(jsonLines(await here.run(['status', '--json']))).toEqual([]);
  expect((await here.run(['audit', 'verify', '--archive', `archives/${here.setId}.tar.gz`])).code).toBe(0);
  const again = await here.run(['run', 'tour.yml', '--json']);
  expect(jsonLines(again)).toMatchObject([{ completed: 3, reused: 3, billedCharacters: 0 }]);
  expect((await here.run(['audit', 'verify', '--deep'])).code).toBe(0);

  expect(archived.stdout).toContain('"setlist audit archive --delete-old" deletes it');
  const old = join(here.path, '.setlist/broker.generation-1');
  expect(existsSync(old)).toBe(true);
  expect(await here.run(['audit', 'archive', '--delete-old'])).toMatchObject({ code: 0 });
  expect(existsSync(old)).toBe(false);
  const half = await here.run(['audit', 'archive', '--before', '2100-01-01']);
  expect(half.code).toBe(2);
  expect(half.lines.join('\n')).toContain('both --before and --to');
});

test('archives no set if the file in the place of an archive is not one of the log', async () => {
  await using here = await toured();
  await here.write('later.yml', setOf('later', 1));
  expect((await here.run(['run', 'later.yml'])).code).toBe(0);
  const [later] = jsonLines(await here.run(['status', 'later', '--json']));
  await here.write(`archives/${later?.setId}.tar.gz`, 'somebody else’s');
  const refused = await here.run(['audit', 'archive', '--before', '2100-01-01', '--to', 'archives']);
  expect(refused.lines.join('\n')).toContain('Move it away first: nothing was changed.');
  expect(refused.code).toBe(2);
  expect(await readdir(join(here.path, 'archives'))).toEqual([`${later?.setId}.tar.gz`]);
});

test('an archive command whose folder was taken over while it was suspended leaves the log as it was', async () => {
  await using here = await toured();
  const at = (name: string): string => join(here.path, '.setlist', name);
  const args = ['audit', 'archive', '--before', '2100-01-01', '--to', 'archives'];
  await using archiving = await here.start(args);
  await eventually(() => existsSync(at('archive.unfinished/broker')), { everyMs: 1 });
  freeze(archiving.pid);
  // As a command in another container does after 15 seconds.
  const space = { host: 'box', boot: 'another boot', ids: 'pid:[1]' };
  await writeFile(at('lock.2'), JSON.stringify({ pid: 1, started: '', command: 'setlist up', space }));
  await rm(at('lock.1'));
  process.kill(archiving.pid, 'SIGCONT');
  const { code } = await archiving.exited;
  expect(archiving.lines.join('\n')).toContain('lock.1 is gone');
  expect(code).toBe(3);
  const left = await readdir(at(''));
  expect(left).toContain('lock.2');
  expect(left.filter((name) => name.startsWith('broker'))).toEqual(['broker']);
  await rename(at('lock.2'), join(here.path, 'lock.2'));
  expect((await here.run(['audit', 'verify'])).code).toBe(0);
});

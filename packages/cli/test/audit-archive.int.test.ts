/** What `audit archive` and `audit export` do with what is already there: nothing is lost. */
import { existsSync } from 'node:fs';
import { open, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startNats } from '@setlist/testkit';
import { expect, test, vi } from 'vitest';
import { jsonLines, type Place, place, setOf } from './cli.ts';

/** A folder in which a set of two items was made. */
async function toured(): Promise<Place & { readonly setId: string }> {
  const here = await place();
  await here.write('tour.yml', setOf('tour', 2));
  expect((await here.run(['run', 'tour.yml'])).code).toBe(0);
  const [status] = jsonLines(await here.run(['status', '--json']));
  return Object.assign(here, { setId: String(status?.setId) });
}

test('backups and archives are on disk with their names, and the new log is before the old one is deleted', async () => {
  await using here = await toured();
  const at = (name: string): string => join(here.path, '.setlist', name);
  await using any = await open('/proc/self/status');
  const fileHandle: typeof any = Object.getPrototypeOf(any);
  const { sync } = fileHandle;
  const flushed = new Map<string, boolean>();
  using _ = vi.spyOn(fileHandle, 'sync').mockImplementation(async function (this: typeof any) {
    const path = await readlink(`/proc/self/fd/${this.fd}`);
    flushed.set(path, existsSync(at('broker.generation-1')));
    await sync.call(this);
  });
  expect((await here.run(['audit', 'backup', 'backups/one'])).code).toBe(0);
  for (const folder of ['', 'backups', 'backups/one'])
    expect(flushed.has(join(here.path, folder)), folder).toBe(true);
  flushed.clear();
  const args = ['--before', '2100-01-01', '--to', 'archives', '--delete-old'];
  expect((await here.run(['audit', 'archive', ...args])).code).toBe(0);
  const blocks = [...flushed].filter(([path]) => path.startsWith(at('archive.unfinished/broker/')));
  expect(blocks.filter(([path]) => path.endsWith('.blk')).length).toBeGreaterThan(0);
  expect(blocks.filter(([, isSwapped]) => isSwapped)).toEqual([]);
  expect(flushed.get(at('')), 'the names, before the old log goes').toBe(true);
  for (const folder of ['', 'archives']) expect(flushed.has(join(here.path, folder)), folder).toBe(true);
});

test('an export replaces no archive that has more audio, and no file that is not an archive of the set', async () => {
  await using here = await toured();
  const out = join(here.path, 'tour.tar.gz');
  const exporting = (...flags: string[]) => here.run(['audit', 'export', 'tour', '--out', out, ...flags]);
  expect((await exporting('--audio')).code).toBe(0);
  expect((await exporting('--audio')).code, 'as much again').toBe(0);
  await rm(join(here.path, 'out'), { recursive: true });
  const lessAudio = await exporting();
  expect(lessAudio.lines.join('\n')).toContain('has more audio than the new archive would have');
  expect(lessAudio.code).not.toBe(0);
  const kept = await here.run(['audit', 'verify', '--archive', out]);
  expect(kept.stdout).toContain('2 audio files');
  await writeFile(out, 'somebody else’s');
  const somethingElse = await exporting();
  expect(somethingElse.lines.join('\n')).toMatch(
    /is not an archive of .* it is damaged, .*\n.*Move it away first/,
  );
  expect(somethingElse.code).toBe(2);
});

test('an export from a broker elsewhere says that it lacks the set file, and replaces no archive that has it', async () => {
  await using here = await toured();
  await using elsewhere = await startNats();
  expect((await here.run(['audit', 'backup', 'backup'])).code).toBe(0);
  expect((await here.run(['audit', 'restore', 'backup', '--server', elsewhere.url])).code).toBe(0);
  const out = join(here.path, 'tour.tar.gz');
  const exporting = (...flags: string[]) =>
    here.run(['audit', 'export', 'tour', '--out', out, '--server', elsewhere.url, ...flags]);
  const checking = () => here.run(['audit', 'verify', '--archive', out]);
  const unnamed = await exporting();
  expect(unnamed.lines.join('\n')).toMatch(
    /not included, .* its store is not named by --store .*: setfiles\//,
  );
  expect(unnamed.code).toBe(1);
  expect((await checking()).stdout).toMatch(/^file-left-out\n.*the set file is not in the archive/);
  const named = await exporting('--store', '.setlist/store');
  expect(named.lines.join('\n')).not.toContain('not included');
  expect(named.code).toBe(0);
  const lessThanThere = await exporting();
  expect(lessThanThere.lines.join('\n')).toMatch(/has the set file, which .*\n.*Give --store, or move/);
  expect(lessThanThere.code).not.toBe(0);
  expect((await checking()).stdout).toContain('Nothing is wrong.');
});

test('the log of a broker elsewhere is archived in a copy, whose rest an empty broker gets', async () => {
  await using here = await toured();
  const audit = async (...args: string[]): Promise<string> => {
    const { code, lines } = await here.run(['audit', ...args]);
    expect(code, lines.join('\n')).toBe(0);
    return lines.join('\n');
  };
  await using full = await startNats();
  await using empty = await startNats();
  await audit('backup', 'first');
  await audit('restore', 'first', '--server', full.url);

  await audit('backup', 'whole', '--server', full.url);
  await audit('restore', 'whole', '--data', 'copy');
  const to = ['--before', '2100-01-01', '--to', 'archives'];
  const archived = await audit('archive', '--data', 'copy', '--store', '.setlist/store', ...to);
  expect(archived).toContain('1 set archived; generation 2');
  expect(archived).not.toContain('not included');
  await audit('backup', 'rest', '--data', 'copy');
  await audit('restore', 'rest', '--server', empty.url);
  const verified = await audit('verify', '--server', empty.url, '--store', '.setlist/store');
  expect(verified).toContain('Nothing is wrong');
  expect(jsonLines(await here.run(['status', '--json', '--server', empty.url]))).toEqual([]);
});

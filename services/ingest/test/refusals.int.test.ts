/** How set files are refused, for what is in them and by the checks at the door, on a real broker. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { dropOf } from '@setlist/admission';
import { newEvent, setId, subjects } from '@setlist/contracts';
import { folderObjectStore } from '@setlist/storage';
import { canMount, eventually, paidFor, smallDisk } from '@setlist/testkit';
import { describe, expect, it } from 'vitest';
import { folderDrop } from '../src/adapters/folder-drop.ts';
import { writeReport } from '../src/adapters/report.ts';
import { withMethod } from './bucket-world.ts';
import { recordsOn, setOf, upTo, withWorld } from './world.ts';

describe('a refused set file', () => {
  it('is in rejected with a report of all problems beside it, and the log says the same', () =>
    withWorld(async (world) => {
      await using _ingest = await world.ingest();
      const bad = 'set:\n  name: bad one\nitems:\n  - txt: Hello.\n  - text: Hi.\n    voice-id: Nobody\n';
      await world.moveIn('bad.yml', bad);
      await eventually(
        async () =>
          (await world.files('rejected')).length === 3 && (await world.files('.claimed')).length === 0,
      );
      expect(await world.files('rejected')).toEqual([
        'bad.yml',
        'bad.yml.problems.json',
        'bad.yml.problems.txt',
      ]);
      const [rejected] = await world.lives();
      if (rejected?.name !== 'SetRejected') throw new Error('not rejected');
      const { run, problems, problemCount } = rejected.data;
      expect(rejected.setId).toBe(setId('bad one', run));
      expect(problemCount).toBe(problems.length);
      expect(problems.map(({ line, path }) => `${line} ${path}`)).toEqual(
        expect.arrayContaining(['4 items[0].txt', '6 items[1].voice-id']),
      );
      const text = await readFile(join(world.inbox, 'rejected', 'bad.yml.problems.txt'), 'utf8');
      for (const { line, column, message, remedy } of problems) {
        expect(text).toContain(`bad.yml:${line}:${column}: ${message} (${remedy})\n`);
      }
      expect(text).toContain('Nothing was begun and nothing was paid.');
      const json = JSON.parse(await readFile(join(world.inbox, 'rejected', 'bad.yml.problems.json'), 'utf8'));
      expect(json).toEqual({
        file: 'bad.yml',
        setId: rejected.setId,
        run,
        name: 'bad one',
        problemCount,
        problems,
      });
      expect(await recordsOn(world.log, 'setlist.events.*.requested.*')).toEqual([]);
    }));

  it('that COMPAT would accept has a remedy with that setting, not with a command-line option', () =>
    withWorld(async (world) => {
      await using _ingest = await world.ingest();
      await world.moveIn('odd.yml', 'set:\n  name: odd\nitems:\n  - text: Hi.\n    voice-id: Nobody\n');
      await eventually(async () => (await world.files('rejected')).length === 3);
      const [rejected] = await world.lives();
      if (rejected?.name !== 'SetRejected') throw new Error('not rejected');
      const [{ remedy } = { remedy: '' }] = rejected.data.problems;
      expect(remedy).toContain('; or have the operator accept such files, by COMPAT=true');
      expect(remedy).not.toContain('with --compat');
    }));

  it('without a readable set name is named after the file, and no phrase of it reaches the log lines', () =>
    withWorld(async (world) => {
      await using _ingest = await world.ingest();
      await world.moveIn('Act One.yml', 'set:\n  title: x\nitems:\n  - txet: My dearest secret\n');
      await eventually(async () => (await world.files('rejected')).length === 3);
      const [rejected] = await world.lives();
      expect(rejected?.setId).toBe(setId('Act One', rejected?.data.run ?? ''));
      expect(JSON.stringify(world.logged)).not.toContain('dearest');
    }));

  it('with thousands of problems still fits into an event, and all of them are counted', () =>
    withWorld(async (world) => {
      await using _ingest = await world.ingest();
      const key = 'k'.repeat(600);
      const items = Array.from({ length: 3_000 }, (_, index) => `  - ${key}${index}: x`);
      await world.moveIn('many.yml', ['set:', '  name: many', 'items:', ...items].join('\n'));
      await eventually(async () => (await world.files('rejected')).length === 3);
      const [record] = await recordsOn(world.log, 'setlist.events.*.state');
      expect(record?.raw.length).toBeLessThan(1_048_576);
      if (record?.event?.name !== 'SetRejected') throw new Error('not rejected');
      expect(record.event.data.problemCount).toBeGreaterThanOrEqual(3_000);
      expect(record.event.data.problems.length).toBeGreaterThan(300);
    }));

  it('can be moved back corrected, together with its reports, which are left alone', () =>
    withWorld(async (world) => {
      await using _ingest = await world.ingest();
      const reports = ['act.yml.problems.json', 'act.yml.problems.txt'];
      for (const name of reports) await world.moveIn(name, '{}');
      await world.moveIn('act.yml', setOf('act', 1));
      await eventually(async () => (await world.files('done')).includes('act.yml'));
      expect(await world.files()).toEqual(reports);
      expect(await world.lives()).toHaveLength(1);
      const ignored = world.logged.filter(({ event }) => event === 'ignored');
      for (const { remedy } of ignored) expect(remedy).toContain('delete it, or move it away');
      expect(ignored.map(({ file }) => file).sort()).toEqual(reports);
    }));

  it('leaves the refused file and the report of an earlier run in place', () =>
    withWorld(async (world) => {
      await using _ingest = await world.ingest();
      for (const round of [1, 2]) {
        await world.moveIn('bad.yml', `set:\n  name: bad\nitems:\n  - round${round}: x\n`);
        await eventually(async () => (await world.files('rejected')).length === 3 * round);
      }
      const report = (name: string) => readFile(join(world.inbox, 'rejected', name), 'utf8');
      expect(await report('bad.yml.problems.txt')).toContain('round1');
      const second = (await world.lives())[1]?.data.run;
      expect(await report(`bad.${second}.yml.problems.txt`)).toContain('round2');
    }));
});

it('a refused file that another replica has filed away gets no second report', () =>
  withWorld(async (world) => {
    await using _ingest = await world.ingest();
    await world.moveIn('bad.yml', 'set:\n  name: bad\nitems:\n  - txt: Hello.\n');
    await eventually(async () => (await world.files('rejected')).length === 3);
    await eventually(async () => (await world.files('.claimed')).length === 0);
    const before = await world.files('rejected');
    const [rejected] = await world.lives();
    if (rejected?.name !== 'SetRejected') throw new Error('not rejected');
    await folderDrop(dropOf(world.inbox, { run: rejected.data.run }, 'bad.yml')).refused(rejected);
    expect(await world.files('rejected')).toEqual(before);
  }));

it('a file that another replica refuses at the same moment is refused, and nothing of it is requested', () =>
  withWorld(async (world) => {
    const quickerReplica = withMethod(world.log, 'append', async (event, expected) => {
      if (event.name === 'SetAccepted') {
        const { run, source } = event.data;
        const problem = { line: 1, column: 1, path: 'set', code: 'over-budget', message: '', remedy: '' };
        const data = { run, notify: [], source, problems: [problem], problemCount: 1 };
        const about = { source: 'ingest', now: new Date(), setId: event.setId ?? '' } as const;
        await world.log.append(newEvent('SetRejected', data, about), expected);
      }
      return world.log.append(event, expected);
    });
    await using _ingest = await world.ingest({}, quickerReplica);
    await world.moveIn('crossed.yml', setOf('crossed', 3));
    await eventually(async () => expect(await world.files('rejected')).toContain('crossed.yml'));
    await eventually(async () => expect(await world.files('.claimed')).toEqual([]));
    expect((await world.lives()).map(({ name }) => name)).toEqual(['SetRejected']);
    expect(await recordsOn(world.log, subjects.requested('*', '*'))).toEqual([]);
  }));

it.skipIf(!(await canMount()))(
  'a report that a full disk has no room for leaves nothing half written',
  async () => {
    await using disk = await smallDisk('1m');
    await disk.fill();
    const refused = newEvent(
      'SetRejected',
      {
        run: 'a run',
        notify: [],
        source: { uri: 'file:///bad.yml', bytes: 1 },
        problems: [{ line: 1, column: 1, path: '', code: 'bad', message: 'wrong', remedy: 'fix it' }],
        problemCount: 1,
      },
      { source: 'ingest', now: new Date(), setId: 'bad' },
    );
    await expect(writeReport(join(disk.path, 'bad.yml'), 'bad.yml', refused)).rejects.toMatchObject({
      code: 'ENOSPC',
    });
    expect(await readdir(disk.path)).toEqual(['filler']);
  },
);

describe('the door', () => {
  it('refuses a set that names more lexicons than can exist, without asking', () =>
    withWorld(async (world) => {
      await using _ingest = await world.ingest();
      const items = upTo(101).map((n) => `  - text: Word ${n}\n    lexicons: [l${n}]\n`);
      await world.moveIn('many.yml', `set:\n  name: many\nitems:\n${items.join('')}`);
      await eventually(async () => (await world.files('rejected')).includes('many.yml'));
      const [rejected] = await world.lives();
      expect(rejected?.name === 'SetRejected' && rejected.data.problems).toMatchObject([
        { line: 204, code: 'set-lexicons', path: 'items[100].lexicons' },
      ]);
    }));

  it('refuses a set whose manifest would land in the inbox', () =>
    withWorld(async (world) => {
      await using _ingest = await world.ingest({ STORE: dirname(world.inbox) });
      const text = `set:\n  name: tour\n  output-prefix: ${basename(world.inbox)}\nitems:\n  - text: Hello\n`;
      await world.moveIn('tour.yml', text);
      await eventually(async () => (await world.files('rejected')).length === 3);
      const [rejected] = await world.lives();
      expect(rejected?.name === 'SetRejected' && rejected.data.problems).toMatchObject([
        { line: 3, column: 18, code: 'prefix-in-inbox', path: 'set.output-prefix' },
      ]);
    }));

  it('refuses a set whose unpaid cost exceeds its budget, and accepts it once enough is paid', () =>
    withWorld(async (world) => {
      await using _ingest = await world.ingest({ PROVIDER: 'polly', PRICES: 'neural=1000000' });
      const text =
        'set:\n  name: dear\n  budget: 5\nitems:\n  - text: Hello\n  - text: World\n  - text: World\n';
      await world.moveIn('dear.yml', text);
      await eventually(async () => (await world.files('rejected')).length === 3);
      const [rejected] = await world.lives();
      if (rejected?.name !== 'SetRejected') throw new Error('not rejected');
      expect(rejected.data.problems).toMatchObject([{ line: 3, column: 11, code: 'budget' }]);
      expect(rejected.data.problems[0]?.message).toContain('10.00 USD, more than the budget of 5 USD');

      const paid = paidFor('World', { bytes: 1 });
      const store = folderObjectStore(world.storeFolder);
      await store.put(paid.data.object, Buffer.from('.'), { contentType: paid.data.contentType });
      await world.log.append(paid, { lastSeq: 0 });
      await world.moveIn('dear.yml', text);
      await eventually(async () => (await world.files('done')).includes('dear.yml'));
      const [, accepted] = await world.lives();
      expect(accepted?.data).toMatchObject({ estimatedUsd: '15.00', budgetUsd: '5', provider: 'polly' });
    }));
});

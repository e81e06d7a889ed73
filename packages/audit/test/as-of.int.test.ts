import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { SetSummary } from '@setlist/contracts';
import { FOLD_VERSION } from '@setlist/sets';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allSetsAsOf, type Finding, repair, Shadow, Snapshots, setAsOf, verify } from '../src/index.ts';
import { type History, openTold, openWorld, type Told } from './world.ts';

/** As the snapshots' names have it. */
const MADE_BY = `form-2.fold-${FOLD_VERSION}`;

let world: Told;
let history: History;
beforeAll(async () => {
  world = await openTold();
  ({ history } = world);
});
afterAll(() => world[Symbol.asyncDispose]());

const stateOf = (sets: readonly SetSummary[], setId: string) => sets.find((set) => set.setId === setId);

test('a set has the state it had at every event of its history, with and without snapshots', async () => {
  const head = await world.log.head();
  const without: string[] = [];
  for (let seq = 1; seq <= head; seq++) {
    const { sets } = await setAsOf(world.log, { seq }, history.tour.id);
    without.push(JSON.stringify(sets));
  }
  await allSetsAsOf(world.log, { seq: head }, world.snapshots, { every: 7 });
  for (let seq = 1; seq <= head; seq++) {
    const all = await allSetsAsOf(world.log, { seq }, world.snapshots, { every: 7 });
    const of = stateOf(all.sets, history.tour.id);
    expect(JSON.stringify(of ? [of] : []), `at ${seq}`).toBe(without[seq - 1]);
    expect(all.folded).toBeLessThan(7);
    const one = await setAsOf(world.log, { seq }, history.tour.id, world.snapshots);
    expect(JSON.stringify(one.sets)).toBe(without[seq - 1]);
  }
});

test('at the end of the log, sets are as the tracker left them', async () => {
  const { sets } = await allSetsAsOf(world.log, { time: new Date() }, world.snapshots);
  for (const set of sets) {
    expect(set).toEqual((await world.log.sets.get<SetSummary>(`set.${set.setId}`))?.value);
  }
  expect(sets).toHaveLength(3);
});

test('a time is on the broker’s clock and includes what was stored at it', async () => {
  const accepted = await world.log.first(`setlist.events.${history.guide.id}.state`);
  if (!accepted) throw new Error('the guide was never accepted');
  const at = await allSetsAsOf(world.log, { time: accepted.time }, world.snapshots);
  expect(stateOf(at.sets, history.guide.id)?.state).toBe('running');
  const before = await allSetsAsOf(world.log, { time: new Date(0) }, world.snapshots);
  expect(before).toMatchObject({ seq: 0, sets: [] });
});

test('a look succeeds where no snapshot can be written', async () => {
  const readOnly = () => Promise.reject(new Error('EROFS: read-only file system'));
  const nowhere = Object.assign(new Snapshots(join(world.folder, 'none')), { keep: readOnly });
  const head = await world.log.head();
  const { seq, sets } = await allSetsAsOf(world.log, { seq: head }, nowhere, { every: 7 });
  expect({ seq, sets: sets.length }).toEqual({ seq: head, sets: 3 });
});

test('an audit keeps snapshots, so that the first look after it is short', async () => {
  await rm(world.snapshots.folder, { recursive: true, force: true });
  const { faults } = await world.verify({ every: 10 });
  expect(faults).toBe(0);
  const head = await world.log.head();
  expect((await world.snapshots.seqs(1)).at(-1)).toBe(head - (head % 10));
  const look = await allSetsAsOf(world.log, { seq: head }, world.snapshots);
  expect(look).toMatchObject({ fromSnapshot: head - (head % 10), folded: head % 10 });
  const again = await allSetsAsOf(world.log, { seq: head }, new Snapshots(join(world.folder, 'none')));
  expect(look.sets).toEqual(again.sets);
});

const withHeader = (text: string): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(Buffer.byteLength(text));
  return gzipSync(Buffer.concat([length, Buffer.from(text)]));
};

test.each([
  ['of no bytes', (path: string) => writeFile(path, '')],
  ['that unpacks to nothing', (path: string) => writeFile(path, gzipSync(''))],
  ['whose header is not JSON', (path: string) => writeFile(path, withHeader('{'))],
  ['whose header is not an object', (path: string) => writeFile(path, withHeader('null'))],
  ['whose header names more than it has', cutOfItsRows],
  ['that is a folder', (path: string) => mkdir(path)],
])('a snapshot %s is ignored by looks, audits and repairs', async (_, damage) => {
  const folder = await mkdtemp(join(world.folder, 'snapshots-'));
  const snapshots = new Snapshots(folder);
  await damage(join(folder, `generation-1.20.${MADE_BY}.snapshot`));
  const head = await world.log.head();
  const look = await allSetsAsOf(world.log, { seq: head }, snapshots);
  expect(look).toMatchObject({ seq: head, fromSnapshot: 0, folded: head });
  const findings: Finding[] = [];
  const onFinding = (finding: Finding) => void findings.push(finding);
  await verify({ log: world.log, snapshots, live: false, onFinding });
  expect(findings).toEqual([]);
});

/** A good snapshot of the place without its last byte. */
async function cutOfItsRows(path: string): Promise<void> {
  const record = await world.log.at(20);
  if (!record) throw new Error('the log has no event 20');
  const shadow = new Shadow();
  for await (const one of world.log.read({})) if (one.seq <= 20) shadow.apply(one);
  await new Snapshots(dirname(path)).keep(shadow, { record, generation: 1 });
  await writeFile(path, gzipSync(gunzipSync(await readFile(path)).subarray(0, -1)));
}

test('an audit that can write no snapshots notes it once, and finds no fault', async () => {
  const folder = join(world.folder, 'leads-nowhere');
  await symlink(join(world.folder, 'nowhere/at-all'), folder);
  const findings: Finding[] = [];
  const verdict = await verify({
    log: world.log,
    snapshots: new Snapshots(folder),
    every: 10,
    live: false,
    onFinding: (finding) => void findings.push(finding),
  });
  expect(findings.map(({ code }) => code)).toEqual(['snapshot-not-kept']);
  expect(verdict.faults).toBe(0);
});

test('a snapshot of another log is not used', async () => {
  await using other = await openWorld();
  await other.log.appendAll([history.refused.rejected(), history.guide.accepted()]);
  const { sets, fromSnapshot } = await allSetsAsOf(other.log, { seq: 99 }, world.snapshots);
  expect(fromSnapshot).toBe(0);
  expect(sets).toHaveLength(2);
});

test('audits and looks keep at most a hundred snapshots however long the log, and delete those that others left', async () => {
  await using long = await openWorld();
  const { guide } = history;
  const { folder } = long.snapshots;
  const noticesFrom = (first: number) =>
    Array.from({ length: 200 }, (_, n) => guide.notified(`${guide.id}/${first + n}`, 'SetAccepted'));
  await long.log.appendAll([guide.accepted(), ...noticesFrom(0)]);
  await long.verify({ every: 1 });
  expect((await readdir(folder)).length).toBeLessThanOrEqual(100);
  const left = [
    `generation-7.20.${MADE_BY}.snapshot`,
    `generation-1.20.form-1.fold-${FOLD_VERSION}.snapshot`,
    'generation-1.20.form-2.fold-0.snapshot',
    '20.snapshot',
    `generation-1.20.${MADE_BY}.snapshot.99`,
  ];
  for (const name of left) {
    await writeFile(join(folder, name), '');
    await utimes(join(folder, name), 0, 0);
  }
  await writeFile(join(folder, `generation-1.20.${MADE_BY}.snapshot.100`), 'being written');
  await long.log.appendAll(noticesFrom(200));
  const head = await long.log.head();
  await allSetsAsOf(long.log, { seq: head }, long.snapshots, { every: 1 });
  const names = await readdir(folder);
  // One of them is being written.
  expect(names.length).toBeLessThanOrEqual(101);
  expect(names).toContain(`generation-1.20.${MADE_BY}.snapshot.100`);
  for (const name of left) expect(names).not.toContain(name);
  const { folded } = await allSetsAsOf(long.log, { seq: head }, long.snapshots);
  expect(folded).toBeLessThan(8);
});

test('when the newest snapshot does not match what the log gives, it is deleted with all before it', async () => {
  await rm(world.snapshots.folder, { recursive: true, force: true });
  await world.verify({ every: 10 });
  const kept = await world.snapshots.seqs(1);
  const seq = kept.at(-1) ?? 0;
  const record = await world.log.at(seq);
  if (!record) throw new Error('an audit keeps snapshots');
  await world.snapshots.keep(new Shadow(new Map(), seq), { record, generation: 1 });
  const { findings } = await world.verify({ every: 10 });
  expect(findings).toMatchObject([{ code: 'snapshot-differs', where: { seq } }]);
  const { log, snapshots } = world;
  expect(await repair(findings, { log, snapshots })).toMatchObject({ snapshots: kept.length });
  expect(await snapshots.seqs(1)).toEqual([]);
  expect((await world.verify({ every: 10 })).findings).toEqual([]);
});

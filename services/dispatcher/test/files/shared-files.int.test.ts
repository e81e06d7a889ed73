/** If two runs write the same file, the run accepted last wins, whichever delivers last. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { type EventData, newEvent, type SetlistEvent, subjects } from '@setlist/contracts';
import { type ObjectStore, openStore } from '@setlist/storage';
import { eventually, setFaults } from '@setlist/testkit';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { startOddStore } from '../world/odd-store.ts';
import { outcomesOf, settled } from '../world/probes.ts';
import { dispatcherHere, dispatcherProcess, type Rig, startRig } from '../world/rig.ts';
import { ask, askWith, phrases, say } from '../world/sets.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ ENGINE: 'instant' });
});
afterEach(() => setFaults(rig, {}));
afterAll(() => rig[Symbol.asyncDispose]());

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const pathOf = (file: string): string => `${rig.folder}/out/${file}`;
const audioAt = async (file: string): Promise<string> => sha256(await readFile(pathOf(file)));

/** The instant engine has the same audio for all texts, but a different one for each sample rate. */
const AS_IT_WAS = { sampleRate: 16_000 };

/** A run that is paused before any dispatcher sees it. */
async function pausedRun(name: string, count = 3, out = `${rig.folder}/out`): Promise<string> {
  const setId = await ask(rig, phrases(count, `${name}, as it was`, AS_IT_WAS), name, out);
  await say(rig, setId, 'SetPaused');
  return setId;
}

/** Runs a later set of the same name until it is done. */
async function laterRun(name: string, count = 3, out = `${rig.folder}/out`) {
  const setId = await ask(rig, phrases(count, `${name}, as it is now`), name, out);
  return { setId, outcomes: await settled(rig, setId, count) };
}

const expectLatest = async (outcomes: Awaited<ReturnType<typeof outcomesOf>>): Promise<void> => {
  for (const { data } of outcomes)
    expect(await audioAt(data.file)).toBe('sha256' in data ? data.sha256 : 'failed');
};

/** The same rig for dispatchers that read outcomes to see who owns which file, and the number of a run's that they read. */
function withReading(): { rig: Rig; read: (setId: string) => number } {
  const counts = new Map<string, number>();
  async function* follow(...[selection, signal]: Parameters<Rig['log']['follow']>) {
    for await (const record of rig.log.follow(selection, signal)) {
      yield record;
      const { name, setId } = record.event ?? {};
      if (name === 'ItemCompleted' && setId) counts.set(setId, (counts.get(setId) ?? 0) + 1);
    }
  }
  return { rig: { ...rig, log: { ...rig.log, follow } }, read: (setId) => counts.get(setId) ?? 0 };
}

test('an earlier run that gets to its items after a later one leaves the later one’s files alone', async () => {
  const earlier = await pausedRun('overtaken');
  const { rig: here, read } = withReading();
  await using _ = dispatcherHere(here);
  const { setId, outcomes } = await laterRun('overtaken');
  await eventually(() => read(setId) === 3);
  await say(rig, earlier, 'SetResumed');
  const done = await settled(rig, earlier, 3);
  expect(done.map(({ name }) => name)).toEqual(Array(3).fill('ItemCompleted'));
  await expectLatest(outcomes);
});

test('a dispatcher that starts after the later run has ended knows about it', async () => {
  const earlier = await pausedRun('started-later');
  let later: Awaited<ReturnType<typeof laterRun>>;
  {
    await using _ = dispatcherHere(rig);
    later = await laterRun('started-later');
    const counts = { total: 3, completed: 3, failed: 0, paid: 3, reused: 0, recovered: 0 };
    await say(rig, later.setId, 'SetCancelled', { counts });
  }
  const { rig: here, read } = withReading();
  await using _ = dispatcherHere(here);
  await eventually(() => read(later.setId) === 3);
  await say(rig, earlier, 'SetResumed');
  await settled(rig, earlier, 3);
  await expectLatest(later.outcomes);
});

/** Completes an item as another replica would; with `written`, one unaware of a later run, which writes the file. */
async function complete(
  setId: string,
  index: number,
  written?: Uint8Array,
  output: ObjectStore = openStore(pathToFileURL(pathOf('')).href),
): Promise<void> {
  const request = (await requestsOf(setId)).find((item) => item.index === index);
  if (!request) throw new Error(`the run asked for no item ${index}`);
  const { attempt, lane, hash, file } = request;
  const audio = written ?? Buffer.from(`audio of ${setId}`);
  if (written) await output.put(file, written, { contentType: 'audio/mpeg' });
  const money = { how: 'paid', billedCharacters: 1, sparedCharacters: 0 } as const;
  const about = { bytes: audio.length, sha256: sha256(audio), durationMs: 1 };
  const context = { source: 'dispatcher', now: new Date(), setId } as const;
  const data = { index, attempt, lane, file, hash, ...money, ...about };
  await rig.log.append(newEvent('ItemCompleted', data, context) as SetlistEvent, { lastSeq: 0 });
}

async function requestsOf(setId: string): Promise<EventData<'ItemRequested'>[]> {
  const requests: EventData<'ItemRequested'>[] = [];
  for await (const { event } of rig.log.read({ subjects: [subjects.requested(setId, '*')] }))
    if (event?.name === 'ItemRequested') requests.push(event.data);
  return requests;
}

test('a file that an unaware replica wrote after the later run is given back to that run; a user’s file is not', async () => {
  const earlier = await pausedRun('unaware', 2);
  await using _ = dispatcherHere(rig);
  const { outcomes } = await laterRun('unaware', 2);
  const [first, second] = outcomes.toSorted((a, b) => a.data.index - b.data.index);
  if (!first || !second) throw new Error('both items were completed');
  await writeFile(pathOf(second.data.file), 'a cut of the user’s own');
  await complete(earlier, 1);
  await complete(earlier, 0, Buffer.from('audio of the earlier run'));
  // Checks run one after another: the second file has been checked by then.
  await eventually(() => expectLatest([first]).then(() => true));
  expect(await readFile(pathOf(second.data.file), 'utf8')).toBe('a cut of the user’s own');
});

test('a file given back in a bucket has the later run’s metadata', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  await using s3 = await startOddStore('out');
  const output = openStore('s3://out', s3.options);
  const earlier = await pausedRun('bucket', 1, output.uri);
  await using _ = dispatcherHere(rig, s3.env);
  const { setId, outcomes } = await laterRun('bucket', 1, output.uri);
  const { file, hash } = outcomes[0]?.data ?? { file: '', hash: '' };
  await complete(earlier, 0, Buffer.from('audio of the earlier run'), output);
  const metadata = { set: setId, item: '0', hash };
  await eventually(async () => expect(await output.head(file)).toMatchObject({ metadata }));
});

test('a dispatcher that starts with an untouched run looks up a later one that has already ended', async () => {
  const sounds = phrases(3, 'Found at the start');
  let source: Awaited<ReturnType<typeof outcomesOf>>;
  {
    await using _ = dispatcherHere(rig);
    source = await settled(rig, await ask(rig, sounds, 'source'), 3);
  }
  const earlier = await ask(rig, phrases(3, 'Left at the start', AS_IT_WAS), 'found');
  const later = await ask(rig, sounds, 'found');
  for (const { data } of source) await complete(later, data.index, await readFile(pathOf(data.file)));
  const counts = { total: 3, completed: 3, failed: 0, paid: 0, reused: 3, recovered: 0 };
  await say(rig, later, 'SetCancelled', { counts });
  await using _ = dispatcherHere(rig);
  await settled(rig, earlier, 3);
  const outcomes = await outcomesOf(rig, later);
  await eventually(() => expectLatest(outcomes).then(() => true));
});

test('of three concurrent runs on three dispatchers, the last accepted owns every file, even if it is the fastest', async () => {
  const COUNT = 60;
  await setFaults(rig, { latencyMs: [0, 120] });
  await using _one = dispatcherHere(rig, { CONCURRENCY: '4' });
  await using _two = dispatcherHere(rig, { CONCURRENCY: '4' });
  await using _three = await dispatcherProcess(rig, { CONCURRENCY: '4' });
  const takes = [
    [8_000, 'low'],
    [16_000, 'normal'],
    [22_050, 'high'],
  ] as const;
  const runs: string[] = [];
  for (const [sampleRate, priority] of takes) {
    const sounds = phrases(COUNT, `A take of ${sampleRate} Hz`, { sampleRate });
    runs.push(await askWith(rig, sounds, { name: 'retaken', terms: { priority } }));
  }
  const all = await Promise.all(runs.map((setId) => settled(rig, setId, COUNT)));
  const last = all.at(-1) ?? [];
  await eventually(() => expectLatest(last).then(() => true));
});

/** Other systems in the same account: their tasks for the same sounds are never taken for ours. */
import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { newEvent, type SetlistEvent, type Sound, soundHash } from '@setlist/contracts';
import { engineStats, eventually } from '@setlist/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pollySpeech } from '../../src/adapters/polly-speech.ts';
import { settled, soundEvents } from '../world/probes.ts';
import { dispatcherHere, type Rig, startRig } from '../world/rig.ts';
import { ask, sound } from '../world/sets.ts';
import { openWay, type Way } from '../world/way.ts';

let rig: Rig;
let way: Way;
beforeAll(async () => {
  rig = await startRig({ ENGINE: 'instant' });
  way = await openWay(rig.engineUrl);
});
afterAll(async () => {
  await way[Symbol.asyncDispose]();
  await rig[Symbol.asyncDispose]();
});

/** A task of another system, with its audio. */
async function taskOfOthers(wanted: Sound, { bucket, root }: { bucket: string; root: string }) {
  const output = { bucket, keyPrefix: `${root}${soundHash(wanted)}` };
  const endpoint = rig.engineUrl;
  const provider = pollySpeech({ region: 'us-east-1', endpoint, callTimeoutMs: 60_000 });
  const { taskId } = await provider.startTask(wanted, output);
  provider.close();
  const file = `${rig.folder}/buckets/${bucket}/${output.keyPrefix}.${taskId}.mp3`;
  const audio = await eventually(() => readFile(file));
  return { taskId, file, sha256: hash('sha256', audio) };
}

test.each([
  { bucket: 'staging-tasks', root: 'setlist/' },
  { bucket: 'setlist-tasks', root: 'staging/setlist/' },
])('a lost task is not looked for in $bucket/$root', async (elsewhere) => {
  const wanted = sound(`They have it too, and keep it in ${elsewhere.bucket}/${elsewhere.root}. `.repeat(60));
  const theirs = await taskOfOthers(wanted, elsewhere);
  const before = (await engineStats(rig)).tasksStarted;
  await using _ = dispatcherHere(rig, { POLLY_LOCAL_URL: way.url });
  way.next('POST /v1/synthesisTasks', 'unheard');
  const [outcome] = await settled(rig, await ask(rig, [wanted], 'production'), 1);
  expect(outcome?.data).toMatchObject({ how: 'paid', billedCharacters: wanted.text.length });
  expect((await engineStats(rig)).tasksStarted - before).toBe(1);
  const tasks = (await soundEvents(rig, soundHash(wanted))).flatMap(({ data }) =>
    'taskId' in data ? [data.taskId] : [],
  );
  expect(tasks).not.toContain(theirs.taskId);
  expect(hash('sha256', await readFile(theirs.file))).toBe(theirs.sha256);
});

test('a noted task in another bucket, as after TASK_BUCKET was changed, is replaced, and marked as a repeat', async () => {
  const wanted = sound('It was said, and went into the bucket that we had before. '.repeat(60));
  const { taskId } = await taskOfOthers(wanted, { bucket: 'former-tasks', root: 'setlist/' });
  const freed = {
    hash: soundHash(wanted),
    claim: 1,
    by: 'dispatcher-before',
    reason: { code: 'output-elsewhere', message: 'the task wrote elsewhere', remedy: 'Look there.' },
    billed: true,
    because: 'cut',
    lost: { taskId, keyPrefix: `setlist/${soundHash(wanted)}` },
  } as const;
  const event = newEvent('SoundFreed', freed, { source: 'dispatcher', now: new Date() });
  await rig.log.append(event as SetlistEvent, { lastSeq: 0 });
  await using _ = dispatcherHere(rig);
  const [outcome] = await settled(rig, await ask(rig, [wanted], 'after-the-change'), 1);
  expect(outcome?.data).toMatchObject({ how: 'paid' });
  expect((await soundEvents(rig, soundHash(wanted))).at(-1)?.data).toMatchObject({
    how: 'task',
    taskId: expect.not.stringMatching(taskId),
    repaid: { because: 'cut' },
  });
});

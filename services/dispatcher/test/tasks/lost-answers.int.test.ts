/** Lost answers: what the provider has accepted is found, and nothing is submitted twice unnoticed. */
import { readFile } from 'node:fs/promises';
import { quotaKey, type Sound, soundHash } from '@setlist/contracts';
import { folderObjectStore } from '@setlist/storage';
import { engineStats, eventually, setFaults, temporaryFolder } from '@setlist/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pollySpeech } from '../../src/adapters/polly-speech.ts';
import { openDeaf } from '../world/deaf.ts';
import { callsOf, settled, soundEvents } from '../world/probes.ts';
import { dispatcherHere, dispatcherProcess, type Rig, startRig } from '../world/rig.ts';
import { ask, phrases, sound } from '../world/sets.ts';
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

test.each(['reset', 'fault'] as const)(
  'a task whose accepted start was answered with a %s is found, and submitted once',
  async (fate) => {
    await using _ = dispatcherHere(rig, { POLLY_LOCAL_URL: way.url, CALL_TIMEOUT: '30s' });
    const before = (await engineStats(rig)).tasksStarted;
    const submitted = way.seen('POST /v1/synthesisTasks');
    way.next('POST /v1/synthesisTasks', fate);
    const long = sound(`A ${fate} on the way back, and nobody knows whether it was heard. `.repeat(50));
    const [outcome] = await settled(rig, await ask(rig, [long], `start-${fate}`), 1);
    expect(outcome?.data).toMatchObject({ how: 'paid', billedCharacters: long.text.length });
    expect(way.seen('POST /v1/synthesisTasks') - submitted).toBe(1);
    expect((await engineStats(rig)).tasksStarted - before).toBe(1);
    const claims = (await soundEvents(rig, outcome?.data.hash)).filter(({ name }) => name === 'SoundClaimed');
    expect(claims).toHaveLength(1);
  },
  60_000,
);

test('a task is submitted once, even if it is not clear at first whether it was accepted', async () => {
  await using _ = dispatcherHere(rig, { POLLY_LOCAL_URL: way.url, CALL_TIMEOUT: '30s' });
  const before = (await engineStats(rig)).tasksStarted;
  way.next('POST /v1/synthesisTasks', 'reset');
  way.next('GET /v1/synthesisTasks?MaxResults=100', 'fault');
  const long = sound('Heard for certain, but the one who could tell has a bad moment. '.repeat(50));
  const [outcome] = await settled(rig, await ask(rig, [long], 'doubt'), 1);
  expect(outcome?.data).toMatchObject({ how: 'recovered', billedCharacters: long.text.length });
  expect((await engineStats(rig)).tasksStarted - before).toBe(1);
  const events = await soundEvents(rig, outcome?.data.hash);
  const freed = events.find(({ name }) => name === 'SoundFreed');
  expect(freed?.data).toMatchObject({ billed: true, lost: { keyPrefix: expect.stringContaining('/') } });
});

test('a task that turns out never to have been accepted is not marked as paid twice', async () => {
  await using _ = dispatcherHere(rig, { POLLY_LOCAL_URL: way.url, CALL_TIMEOUT: '30s' });
  const before = (await engineStats(rig)).tasksStarted;
  way.next('POST /v1/synthesisTasks', 'unheard');
  way.next('GET /v1/synthesisTasks?MaxResults=100', 'fault');
  const long = sound('Nobody heard it, and for a while nobody could say so either. '.repeat(55));
  const [outcome] = await settled(rig, await ask(rig, [long], 'unheard'), 1);
  expect(outcome?.data).toMatchObject({ how: 'paid' });
  expect((await engineStats(rig)).tasksStarted - before).toBe(1);
  const paid = (await soundEvents(rig, outcome?.data.hash)).find(({ name }) => name === 'SoundPaid');
  expect(paid?.data).toMatchObject({ how: 'task' });
  expect(paid?.data).not.toHaveProperty('repaid');
});

/** An address where nobody listens any more. */
async function openClosed(): Promise<{ url: string } & AsyncDisposable> {
  await using way = await openWay(rig.engineUrl);
  return { url: way.url, [Symbol.asyncDispose]: async () => undefined };
}

test.each([
  ['refused', openClosed, 'ECONNREFUSED'],
  ['dropped', openDeaf, 'not-connected'],
] as const)(
  'a call whose connection is %s was not billed, and the one that succeeds is not a second payment',
  async (how, open, code) => {
    await using gone = await open();
    // Longer than a connection is waited for.
    await using _ = dispatcherHere(rig, { POLLY_LOCAL_URL: gone.url, CALL_TIMEOUT: '30s' });
    const wanted = sound(`Is anybody there? This is ${how}.`);
    const events = () => soundEvents(rig, soundHash(wanted));
    const setId = await ask(rig, [wanted], 'nobody-there');
    await eventually(async () => (await events()).some(({ name }) => name === 'SoundFreed'));
    await gone[Symbol.asyncDispose]();
    await using _way = await openWay(rig.engineUrl, Number(new URL(gone.url).port));
    await settled(rig, setId, 1);
    const [, freed] = await events();
    expect(freed?.data).toMatchObject({ reason: { code } });
    for (const { name, data } of await events()) {
      if (name === 'SoundFreed') expect(data).toMatchObject({ billed: false });
      if (name === 'SoundPaid') expect(data).not.toHaveProperty('repaid');
    }
  },
);

test('a throttled look-up of a lost task slows look-ups, but no starts of tasks', async () => {
  const tasks = { POLLY_LOCAL_URL: way.url, CALL_TIMEOUT: '30s', QUOTAS: 'standard.task=7/7' };
  await using _ = dispatcherHere(rig, tasks);
  const rateOf = async (engine: string, operation: string): Promise<number | undefined> =>
    (await rig.log.coordination.get<{ rps: number }>(quotaKey('local', engine, operation)))?.value.rps;
  way.next('POST /v1/synthesisTasks', 'unheard');
  // A throttled page is asked for ten times.
  const throttled = Array.from({ length: 10 }, () => 'throttled' as const);
  way.next('GET /v1/synthesisTasks?MaxResults=100', 'fault', ...throttled);
  const long = sound(
    'It was never heard, and whoever is asked about it has had too many questions. '.repeat(45),
  );
  const setId = await ask(rig, [long], 'throttled-look');
  await eventually(async () => ((await rateOf('all', 'poll')) ?? 10) < 10);
  expect(await rateOf('standard', 'task')).toBe(7);
  const [outcome] = await settled(rig, setId, 1);
  expect(outcome?.data).toMatchObject({ how: 'paid' });
  const freed = (await soundEvents(rig, outcome?.data.hash)).filter(({ name }) => name === 'SoundFreed');
  expect(freed[1]?.data).toMatchObject({ reason: { code: 'ThrottlingException' }, because: 'cut' });
  expect(await rateOf('standard', 'task')).toBe(7);
});

test('tasks whose audio is not where it should be are looked for with back-off, then given up, and logged once', async () => {
  await using elsewhere = await temporaryFolder();
  const env = { TASK_STORE: elsewhere.path, RETRY_FOR: '2s' };
  await using dispatcher = await dispatcherProcess(rig, env);
  const before = (await engineStats(rig)).tasksStarted;
  const long = ['It was said', 'So was this'].map((begin) =>
    sound(`${begin}, and written to some other place than this one. `.repeat(55)),
  );
  const outcomes = await settled(rig, await ask(rig, long, 'elsewhere'), 2);
  for (const { data } of outcomes) {
    expect(data).toMatchObject({
      code: 'task-audio-missing',
      remedy: expect.stringContaining('submit the set again'),
    });
    expect((await soundEvents(rig, data.hash)).length).toBeLessThan(60);
  }
  expect((await engineStats(rig)).tasksStarted - before).toBe(2);
  await dispatcher.term();
  const warnings = dispatcher.lines.filter((line) => line.includes('audio is not in its bucket'));
  expect(warnings.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'warn', code: 'task-audio-missing', remedy: expect.stringContaining('TASK_STORE') },
  ]);
});

test('the SDK does not retry a call whose reply is lost, and our retry is marked as a repeat', async () => {
  await using _ = dispatcherHere(rig, { POLLY_LOCAL_URL: way.url, CALL_TIMEOUT: '30s' });
  const billed = (await callsOf(rig)).ok;
  const submitted = way.seen('POST /v1/speech');
  way.next('POST /v1/speech', 'reset');
  const [outcome] = await settled(rig, await ask(rig, phrases(1, 'Said into the wind'), 'call'), 1);
  expect(way.seen('POST /v1/speech') - submitted).toBe(2);
  expect((await callsOf(rig)).ok - billed).toBe(2);
  const events = await soundEvents(rig, outcome?.data.hash);
  expect(events.map(({ name }) => name)).toEqual(['SoundClaimed', 'SoundFreed', 'SoundClaimed', 'SoundPaid']);
  expect(events.at(-1)?.data).toMatchObject({ repaid: { because: 'cut' } });
});

test('half of the audio, with a length to match, is not kept as the whole, and the call is repeated', async () => {
  await using _ = dispatcherHere(rig, { POLLY_LOCAL_URL: way.url });
  // At 24 kHz the engine's sound, the same for every text, has 15 frames of one length: its half ends within one.
  const [all, half] = phrases(2, 'All or half of it', { sampleRate: 24_000 }) as [Sound, Sound];
  const [whole] = await settled(rig, await ask(rig, [all], 'whole'), 1);
  way.next('POST /v1/speech', 'halved');
  const [outcome] = await settled(rig, await ask(rig, [half], 'halved'), 1);
  const delivered = await readFile(`${rig.folder}/out/${outcome?.data.file}`);
  expect(delivered).toEqual(await readFile(`${rig.folder}/out/${whole?.data.file}`));
  const [, freed, , paid, ...more] = await soundEvents(rig, outcome?.data.hash);
  const inVain = { provider: 'local', billedCharacters: half.text.length };
  expect(freed).toMatchObject({ name: 'SoundFreed', data: { reason: { code: 'audio-unusable' }, inVain } });
  expect(paid).toMatchObject({ name: 'SoundPaid', data: { repaid: { because: 'cut' } } });
  expect(more).toEqual([]);
  const stored = folderObjectStore(`${rig.folder}/store`).list(`audio/${outcome?.data.hash}`);
  expect(await Array.fromAsync(stored)).toHaveLength(1);
});

test('a page with status 200 is not kept as audio, and the call is retried', async () => {
  await using _ = dispatcherHere(rig, { POLLY_LOCAL_URL: way.url });
  way.next('POST /v1/speech', 'page');
  const samples = phrases(1, 'Please accept our terms', { format: 'pcm', sampleRate: 16_000 });
  const [outcome] = await settled(rig, await ask(rig, samples, 'page'), 1);
  const events = await soundEvents(rig, outcome?.data.hash);
  expect(events.map(({ name }) => name)).toEqual(['SoundClaimed', 'SoundFreed', 'SoundClaimed', 'SoundPaid']);
  expect(events[1]?.data).toMatchObject({ reason: { code: 'unreadable-reply' } });
});

test('a task is submitted once, and completes, if the answer to its start or to a list stalls halfway', async () => {
  await using _ = dispatcherHere(rig, { POLLY_LOCAL_URL: way.url, CALL_TIMEOUT: '3s' });
  const before = (await engineStats(rig)).tasksStarted;
  const long = (text: string) => [sound(text.repeat(50))];
  way.next('POST /v1/synthesisTasks', 'stalls');
  way.next('GET /v1/synthesisTasks?MaxResults=100', 'stalls');
  const unsure = long('It was heard, and about to be answered, when the line fell silent. ');
  const [sought] = await settled(rig, await ask(rig, unsure, 'stalled-start'), 1);
  expect(sought?.data).toMatchObject({ how: 'recovered' });
  way.next('GET /v1/synthesisTasks?MaxResults=100', 'stalls');
  const sure = long('It was answered, and then the line fell silent for a good while. ');
  const [watched] = await settled(rig, await ask(rig, sure, 'stalled-list'), 1);
  expect(watched?.data).toMatchObject({ how: 'paid' });
  expect((await engineStats(rig)).tasksStarted - before).toBe(2);
});

test('every call times out if its answer stalls halfway, and what was billed for speech by then is known', async () => {
  const names = ['speech', 'synthesisTasks', 'lexicons/a-lexicon', 'synthesisTasks/a-task'];
  for (const name of names) way.next(`${name.includes('/') ? 'GET' : 'POST'} /v1/${name}`, 'stalls');
  way.next('GET /v1/synthesisTasks?MaxResults=100', 'stalls');
  const provided = (callTimeoutMs: number) =>
    pollySpeech({ region: 'us-east-1', endpoint: way.url, callTimeoutMs });
  const provider = provided(1_000);
  // Even on a busy machine, the first half of the speech arrives in time.
  const patient = provided(5_000);
  const wanted = sound('And then');
  const inVain = { code: 'call-timeout', failure: { begun: true, billedCharacters: wanted.text.length } };
  const inTime = { code: 'call-timeout', failure: { begun: false } };
  await Promise.all([
    expect(patient.synthesize(wanted)).rejects.toMatchObject(inVain),
    expect(provider.startTask(wanted, { bucket: 'a-bucket', keyPrefix: 'a' })).rejects.toMatchObject(inTime),
    expect(provider.task('a-task')).rejects.toMatchObject(inTime),
    expect(provider.listTasks()).rejects.toMatchObject(inTime),
    expect(provider.lexicon('a-lexicon')).rejects.toMatchObject(inTime),
  ]);
  provider.close();
  patient.close();
});

test('a call without an answer in time is given up with that reason, and retried', async () => {
  await using _ = dispatcherHere(rig, { CALL_TIMEOUT: '500ms' });
  await setFaults(rig, { latencyMs: [60_000, 60_000] });
  const [wanted] = phrases(1, 'Nobody answers');
  if (!wanted) throw new Error('a phrase was made');
  const setId = await ask(rig, [wanted], 'silence');
  const freed = await eventually(async () => {
    const events = await soundEvents(rig, soundHash(wanted));
    return events.find(({ name }) => name === 'SoundFreed')?.data ?? null;
  });
  expect(freed).toMatchObject({
    billed: true,
    reason: { code: 'call-timeout', message: 'no complete answer came in time: CALL_TIMEOUT is 0.5 s' },
  });
  await setFaults(rig, {});
  const [outcome] = await settled(rig, setId, 1);
  expect(outcome?.data).toMatchObject({ how: 'paid' });
});

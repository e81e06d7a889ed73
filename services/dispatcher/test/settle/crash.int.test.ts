/** Dispatchers that die: others take over their claims, find what they left, and mark every repeated payment. */
import { once } from 'node:events';
import { rm, stat, symlink } from 'node:fs/promises';
import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newEvent, quotaKey, type SetlistEvent, type Sound, soundHash } from '@setlist/contracts';
import { engineStats, eventually, publishRaw, setFaults, temporaryFolder } from '@setlist/testkit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { callsOf, outcomesOf, paidTwice, payments, settled, soundEvents } from '../world/probes.ts';
import { dispatcherHere, dispatcherProcess, type Rig, startRig, withClock } from '../world/rig.ts';
import { ask, askWith, phrases, sound } from '../world/sets.ts';
import { openWay } from '../world/way.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ ENGINE: 'instant' });
});
afterEach(() => setFaults(rig, {}));
afterAll(() => rig[Symbol.asyncDispose]());

const CALL = 'POST /v1/speech';
const HOUR_MS = 3_600_000;
const soon = { ACK_WAIT: '2s' };
/** Of a dispatcher whose calls must not time out, however busy the machine: only its death should cost anything. */
const patient = { ...soon, CALL_TIMEOUT: '60s' };

test('audio that was stored but never noted is recovered without a second call', async () => {
  await using way = await openWay(rig.engineUrl);
  way.next(CALL, 'held');
  const wanted = sound('Stored, and then the lights went out.');
  const object = `${rig.folder}/store/audio/${soundHash(wanted)}.mp3`;
  const calls = (await callsOf(rig)).ok;
  await using victim = await dispatcherProcess(rig, { ...patient, POLLY_LOCAL_URL: way.url });
  const setId = await ask(rig, [wanted], 'left-behind');
  // The broker dies during the call: the audio is stored, but can't be noted.
  await eventually(() => way.seen(CALL) === 1);
  await rig.nats.kill9();
  way.release();
  await eventually(async () => (await stat(object)).size > 0);
  await victim.kill9();
  await rig.nats.restart();
  const { rig: later, moveOn } = withClock(rig);
  moveOn(HOUR_MS);
  await using _heir = dispatcherHere(later, soon);
  const [outcome] = await settled(rig, setId, 1);
  expect(outcome?.data).toMatchObject({ how: 'recovered' });
  expect((await callsOf(rig)).ok).toBe(calls + 1);
});

/** A proxy to the engine without its list of tasks, so that a dispatcher never learns that a task ended. */
async function engineWithoutLists() {
  const server = createServer((asked, reply) => {
    const { method = 'GET', headers, url = '' } = asked;
    if (method === 'GET' && url.startsWith('/v1/synthesisTasks')) {
      reply.writeHead(503).end();
      return;
    }
    const forwarded = send(`${rig.engineUrl}${url}`, { method, headers }, (answer) => {
      reply.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(reply);
    });
    asked.pipe(forwarded);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const end = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}`, [Symbol.dispose]: end };
}

test('tasks whose dispatcher died are found and not started twice, and no call is made for them', async () => {
  const long = sound('A sentence that nobody will hear the end of, unless somebody stays. '.repeat(50));
  const short = phrases(2, 'One way or the other');
  // After the first call the next is due in 20 s: one item waits for it, and tasks take the others.
  const slow = { QUOTAS: 'standard.synthesize=0.05/1/1' };
  using engine = await engineWithoutLists();
  await using victim = await dispatcherProcess(rig, { ...patient, ...slow, POLLY_LOCAL_URL: engine.url });
  await settled(rig, await ask(rig, phrases(1, 'The only call'), 'one-call'), 1);
  const { tasksStarted } = await engineStats(rig);
  const { ok } = await callsOf(rig);
  const asked = [long, ...short];
  const setId = await askWith(rig, asked, { name: 'lost-tasks', terms: { paths: 'both' } });
  const [longHash, ...shortHashes] = asked.map(soundHash);
  await eventually(async () => {
    const events = await soundEvents(rig);
    const started = events.filter(({ name }) => name === 'SoundTaskStarted').map(({ data }) => data.hash);
    expect(started).toContain(longHash);
    expect(shortHashes.some((hash) => started.includes(hash))).toBe(true);
  });
  await victim.kill9();
  const { rig: later, moveOn } = withClock(rig);
  moveOn(HOUR_MS);
  await using _heir = dispatcherHere(later, soon);
  const outcomes = await settled(rig, setId, asked.length);
  const found = outcomes.filter(({ data }) => 'how' in data && data.how === 'recovered');
  expect(found.length).toBeGreaterThanOrEqual(2);
  for (const { data } of found)
    expect(data).toHaveProperty('billedCharacters', asked[data.index]?.text.length);
  expect((await engineStats(rig)).tasksStarted - tasksStarted).toBe(found.length);
  expect((await callsOf(rig)).ok - ok).toBe(asked.length - found.length);
});

test('a dispatcher that drains hands its task over at once', async () => {
  const long = sound('A sentence that is passed from hand to hand until it is done. '.repeat(55));
  const before = (await engineStats(rig)).tasksStarted;
  const patient = { ACK_WAIT: '10m', CALL_TIMEOUT: '10m', DRAIN_TIMEOUT: '11m' };
  await using first = await dispatcherProcess(rig, { ...patient, TASK_POLL_EVERY: '10m' });
  const setId = await ask(rig, [long], 'handed-over');
  await eventually(async () =>
    (await soundEvents(rig, soundHash(long))).some(({ name }) => name === 'SoundTaskStarted'),
  );
  expect(await first.term()).toEqual({ code: 0, signal: null });
  await using _next = dispatcherHere(rig, patient);
  // Well before the claim or the ack wait expires, after ten minutes.
  await settled(rig, setId, 1);
  expect((await engineStats(rig)).tasksStarted).toBe(before + 1);
});

/** A claim of a dead dispatcher, appended directly: five real crashes would take as long as five claims. */
async function claimOfTheDead(
  wanted: Sound,
  { at, holdMs, expired }: Record<'at' | 'holdMs' | 'expired', number>,
) {
  const data = {
    hash: soundHash(wanted),
    claim: 1 + expired,
    by: 'dispatcher-gone',
    until: new Date(at + holdMs).toISOString(),
    for: { set: 'another', index: 0, attempt: 1 },
    operation: 'synthesize',
    expired,
    because: 'expired',
  } as const;
  const claim = newEvent('SoundClaimed', data, { source: 'dispatcher', now: new Date(at) });
  await rig.log.append(claim as SetlistEvent, { lastSeq: 0 });
}

test('a dead dispatcher’s claim expires even if the broker’s clock has gone back by an hour since', async () => {
  const wanted = sound('Claimed an hour from now.');
  await claimOfTheDead(wanted, { at: rig.log.clock.now() + 3_600_000, holdMs: 200, expired: 0 });
  await using _ = dispatcherHere(rig);
  const [outcome] = await settled(rig, await ask(rig, [wanted], 'clock-back'), 1);
  expect(outcome).toMatchObject({ name: 'ItemCompleted', data: { how: 'paid' } });
});

test('a sound whose claims expired five times is given up with a reason, and can be requested again', async () => {
  const wanted = sound('Whoever reads this dies.');
  await claimOfTheDead(wanted, { at: rig.log.clock.now() - 2, holdMs: 1, expired: 4 });
  await using _ = dispatcherHere(rig);
  const [outcome] = await settled(rig, await ask(rig, [wanted], 'cursed'), 1);
  expect(outcome).toMatchObject({ name: 'ItemFailed', data: { code: 'claims-ran-out' } });
  expect(outcome?.data).toHaveProperty('remedy', expect.stringMatching(/dispatchers/));
  const [again] = await settled(rig, await ask(rig, [wanted], 'cursed-again'), 1);
  expect(again).toMatchObject({ name: 'ItemCompleted', data: { how: 'paid' } });
});

test('a sound whose give-up was interrupted is tried again, not given up again for the same claims', async () => {
  const wanted = sound('Whoever gives this up dies.');
  await claimOfTheDead(wanted, { at: rig.log.clock.now() - 2, holdMs: 1, expired: 4 });
  let refusals = 0;
  const append: Rig['log']['append'] = (event, expected) =>
    event.name === 'ItemFailed' && refusals++ === 0
      ? Promise.reject(new Error('the failure can’t be said'))
      : rig.log.append(event, expected);
  await using _ = dispatcherHere({ ...rig, log: { ...rig.log, append } });
  const [outcome] = await settled(rig, await ask(rig, [wanted], 'given-up-in-part'), 1);
  expect(refusals).toBe(1);
  expect(outcome).toMatchObject({ name: 'ItemCompleted', data: { how: 'paid' } });
});

test('a stop while what a dead dispatcher left is looked for hands the claim on, which does not count as expired', async () => {
  const wanted = sound('Four have died of it, and two are called away.');
  await claimOfTheDead(wanted, { at: rig.log.clock.now() - 2, holdMs: 1, expired: 3 });
  await using store = await temporaryFolder();
  // It leads nowhere, so that nobody can tell whether audio was left behind.
  await symlink('audio', `${store.path}/audio`);
  const env = { STORE: store.path, CALL_TIMEOUT: '10m', ACK_WAIT: '10m' };
  const setId = await ask(rig, [wanted], 'called-away');
  for (let stops = 1; stops <= 2; stops++) {
    await using _ = dispatcherHere(rig, env);
    await eventually(async () => {
      const replicas = new Set((await soundEvents(rig, soundHash(wanted))).map(({ data }) => data.by));
      return replicas.size > stops;
    });
  }
  const handedOn = (await soundEvents(rig, soundHash(wanted))).at(-1);
  expect(handedOn).toMatchObject({ name: 'SoundClaimed', data: { unused: true } });
  await rm(`${store.path}/audio`);
  await using _ = dispatcherHere(rig, env);
  const [outcome] = await settled(rig, setId, 1);
  expect(outcome).toMatchObject({ name: 'ItemCompleted', data: { how: 'paid' } });
  const paid = (await soundEvents(rig, soundHash(wanted))).at(-1);
  expect(paid?.data).toMatchObject({ repaid: { because: 'expired' } });
});

test('on SIGTERM, work in progress finishes, the rest is given back, and nothing is lost or paid twice', async () => {
  await using way = await openWay(rig.engineUrl);
  const arriving = 8;
  const concurrency = 4;
  way.next(CALL, ...Array(arriving).fill('arrives'), ...Array(concurrency).fill('held'));
  const before = await engineStats(rig);
  const patient = { ACK_WAIT: '10m', CALL_TIMEOUT: '10m', DRAIN_TIMEOUT: '11m' };
  const env = { ...patient, CONCURRENCY: `${concurrency}`, POLLY_LOCAL_URL: way.url };
  await using first = await dispatcherProcess(rig, env);
  const setId = await ask(rig, phrases(48, 'Mind the closing doors'), 'drained');
  await settled(rig, setId, arriving);
  await eventually(() => way.seen(CALL) === arriving + concurrency);
  const ended = first.term();
  await first.waitForLine(/"event":"draining"/);
  way.release();
  expect(await ended).toEqual({ code: 0, signal: null });
  expect(await outcomesOf(rig, setId)).toHaveLength(arriving + concurrency);
  // The first dispatcher had taken all of the rest: if not given back, it would be redelivered after ten minutes.
  await using _next = await dispatcherProcess(rig, patient);
  await settled(rig, setId, 48);
  const after = await engineStats(rig);
  expect(after.lostSounds).toEqual(before.lostSounds);
  expect(paidTwice(after)).toEqual(paidTwice(before));
  expect((await callsOf(rig)).ok).toBe((before.calls['SynthesizeSpeech/standard']?.ok ?? 0) + 48);
});

test('a dispatcher that fails for one engine exits once the other engines’ calls are kept', async () => {
  await using way = await openWay(rig.engineUrl);
  way.next(CALL, 'held');
  const [wanted = sound('')] = phrases(1, 'In the middle of a word');
  const env = { QUOTAS: 'polly', POLLY_LOCAL_URL: way.url, CALL_TIMEOUT: '60s' };
  await using failing = await dispatcherProcess(rig, env);
  await ask(rig, [wanted], 'under-way');
  await eventually(() => way.seen(CALL) === 1);
  const quota = `$KV.SETLIST_QUOTA.${quotaKey('local', 'neural', 'synthesize')}`;
  await publishRaw(rig.nats.url, quota, 'no state of ours');
  await ask(rig, phrases(1, 'Never said', { engine: 'neural' }), 'unreadable-quota');
  await failing.waitForLine(/can’t continue/);
  way.release();
  expect(await failing.exited).toMatchObject({ code: 1 });
  expect((await payments(rig)).get(soundHash(wanted))).toMatchObject({ how: 'synthesized' });
});

/** A provider on a bad day: every item still comes out right, and every lost call is in the log. */
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setInterval } from 'node:timers/promises';
import { newEvent, type Sound, soundHash, subjects } from '@setlist/contracts';
import { engineStats, eventually, setFaults } from '@setlist/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { pollySpeech } from '../../src/adapters/polly-speech.ts';
import { callsOf, payments, settled, soundEvents, total } from '../world/probes.ts';
import { dispatcherHere, type Rig, startRig } from '../world/rig.ts';
import { ask, phrases, sound } from '../world/sets.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

/** So many blanks at its end that a text is too long for a call, and none of them is heard. */
const BLANKS = ' '.repeat(3_000);

/** The engine's audio on a good day. */
async function cleanRender({ voice, engine, format, sampleRate, text }: Sound): Promise<string> {
  const reply = await fetch(`${rig.engineUrl}/v1/speech`, {
    method: 'POST',
    body: JSON.stringify({
      VoiceId: voice,
      Engine: engine,
      OutputFormat: format,
      SampleRate: String(sampleRate),
      LanguageCode: 'en-US',
      Text: text.trimEnd(),
      TextType: 'text',
    }),
  });
  expect(reply.status).toBe(200);
  return hash('sha256', new Uint8Array(await reply.arrayBuffer()));
}

test('with half of all calls throttled, a tenth failing, and streams cut, every item ends complete and correct on two dispatchers', async () => {
  const badDay = { throttle: 0.5, serverError: 0.1, latencyMs: [0, 2_000], seed: 7 } as const;
  await setFaults(rig, { ...badDay, cut: 0.15 });
  // No call should time out on a busy machine: calls are to be lost only by cuts.
  await using _one = dispatcherHere(rig, { CALL_TIMEOUT: '30s' });
  await using _two = dispatcherHere(rig, { CALL_TIMEOUT: '30s' });
  const long = phrases(3, 'At length').map((each) => ({ ...each, text: each.text + BLANKS }));
  const sounds = [
    ...long,
    ...phrases(30, 'The show goes on'),
    ...phrases(10, 'And on', { format: 'pcm', sampleRate: 16_000 }),
  ];
  const setId = await ask(rig, sounds, 'bad-day');
  await eventually(async () => (await callsOf(rig)).cut >= 6);
  // After many more cuts some item would have met five of them, and would fail. Everything else goes on to the end.
  await setFaults(rig, badDay);
  const outcomes = await settled(rig, setId, sounds.length, 150_000);
  await setFaults(rig, {});
  expect(outcomes.filter(({ name }) => name === 'ItemFailed')).toEqual([]);

  // Read before the renders for comparison are paid for as well.
  const { lostSounds, tasksStarted } = await engineStats(rig);
  expect(tasksStarted, 'no task is paid for twice').toBe(long.length);
  for (const { data } of outcomes) {
    const wanted = sounds[data.index];
    const clean = wanted && (await cleanRender(wanted));
    expect(data).toMatchObject({ sha256: clean });
    expect(hash('sha256', await readFile(`${rig.folder}/out/${data.file}`))).toBe(clean);
  }

  const events = await soundEvents(rig);
  const cut = events.filter(({ name, data }) => name === 'SoundFreed' && 'billed' in data && isCut(data));
  expect(cut).toHaveLength(total(lostSounds));
  for (const { data } of cut) {
    const { text = '' } = sounds.find((each) => soundHash(each) === data.hash) ?? {};
    expect(data).toMatchObject({ inVain: { provider: 'local', billedCharacters: text.length } });
  }
  const paid = await payments(rig);
  const repaid = [...paid.values()].filter((payment) => payment.repaid?.because === 'cut');
  expect(repaid.map(({ hash }) => hash).sort()).toEqual(
    [...new Set(cut.map(({ data }) => data.hash))].sort(),
  );
  expect(repaid).toHaveLength(Object.keys(lostSounds).length);
  expect([...paid.keys()].sort()).toEqual(sounds.map(soundHash).sort());
});

test('each call that brings unusable audio is noted with its billed characters', async () => {
  const server = createServer((request, reply) => {
    request.resume();
    reply.setHeader('content-type', 'audio/mpeg').setHeader('x-amzn-requestcharacters', '31');
    reply.end('no audio at all');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  await using _server = { [Symbol.asyncDispose]: async () => void server.close() };
  const { port } = server.address() as AddressInfo;
  await using _ = dispatcherHere(rig, { POLLY_LOCAL_URL: `http://127.0.0.1:${port}` });
  const wanted = phrases(1, 'Nobody will hear this');
  const setId = await ask(rig, wanted, 'in-vain');
  const [outcome] = await settled(rig, setId, 1);
  expect(outcome).toMatchObject({ name: 'ItemFailed', data: { code: 'audio-unusable', tries: 3 } });
  const freed = (await soundEvents(rig, soundHash(wanted[0] as Sound))).filter(
    ({ name }) => name === 'SoundFreed',
  );
  const inVain = { for: { set: setId, index: 0 }, provider: 'local', lane: 'standard', billedCharacters: 31 };
  expect(freed).toMatchObject([{ data: { inVain } }, { data: { inVain } }, { data: { inVain } }]);
});

/** Appends a claim that has expired. */
async function leaveClaim(hash: string): Promise<void> {
  const common = { hash, claim: 9, by: 'dispatcher-dead', for: { set: 'a-set', index: 0, attempt: 1 } };
  const terms = { until: new Date(0).toISOString(), operation: 'synthesize', lane: 'standard' } as const;
  const data = { ...common, ...terms, expired: 0, because: 'cut' } as const;
  const claim = newEvent('SoundClaimed', data, { source: 'dispatcher', now: new Date() });
  await rig.log.append(claim, { lastSeq: (await rig.log.last(subjects.sound(hash)))?.seq ?? 0 });
}

test('what a call cuts off at ten minutes is made by a task, at once or for the next set, and without a bucket fails without another call', async () => {
  const pause = '<break time="10s"/>';
  // Marks, and mostly pauses, since those are made quickly; they are requested as a call here, like speech as long.
  const marked = (lines: number): Sound => {
    const text = `<speak>${pause.repeat(57)}${`Go on.${pause}`.repeat(lines)}The end.</speak>`;
    return sound(text, { textType: 'ssml', format: 'json', speechMarks: ['word'] });
  };
  const before = await callsOf(rig);
  {
    await using _ = dispatcherHere(rig, { CALL_TIMEOUT: '60s', TASK_BUCKET: '' });
    const remedy = expect.stringContaining('TASK_BUCKET');
    // Without a call except the first time, even after a dispatcher that died.
    for (const name of ['cut-off', 'cut-off-again', 'cut-off-and-taken-over']) {
      if (name === 'cut-off-and-taken-over') await leaveClaim(soundHash(marked(5)));
      const [failed] = await settled(rig, await ask(rig, [marked(5)], name), 1);
      expect(failed?.data).toMatchObject({ code: 'audio-cut-off', tries: 1, remedy });
    }
  }
  await using _ = dispatcherHere(rig, { CALL_TIMEOUT: '60s' });
  const sounds = [marked(5), marked(6)];
  const made = await settled(rig, await ask(rig, sounds, 'whole'), 2);
  for (const { data } of made) expect(data).toMatchObject({ how: 'paid' });
  const paid = await payments(rig);
  for (const [index, because] of ['expired', 'cut'].entries()) {
    const hash = soundHash(sounds[index] as Sound);
    expect(paid.get(hash)).toMatchObject({ how: 'task', repaid: { because } });
    expect(paid.get(hash)?.durationMs).toBeGreaterThan(610_000);
    const inVain = (await soundEvents(rig, hash)).filter(({ data }) => 'inVain' in data);
    expect(inVain).toMatchObject([
      { data: { reason: { code: 'audio-cut-off' }, inVain: { provider: 'local' } } },
    ]);
  }
  expect((await callsOf(rig)).ok - before.ok).toBe(sounds.length);
});

/** A provider that sends a piece of audio every now and then, in all for so long. */
async function openSlow(forMs: number) {
  const server = createServer(async (request, reply) => {
    request.resume();
    reply.setHeader('content-type', 'audio/pcm');
    const begun = performance.now();
    for await (const piece of setInterval(20, 'piece')) {
      if (performance.now() - begun > forMs || reply.destroyed) break;
      reply.write(piece);
    }
    reply.end('the end');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => void server.close() };
}

test('a call may take longer than CALL_TIMEOUT while its audio keeps coming, but not forever', async () => {
  const common = { region: 'us-east-1' };
  await using slow = await openSlow(6_000);
  const patient = pollySpeech({ ...common, endpoint: slow.endpoint, callTimeoutMs: 5_000 });
  await using endless = await openSlow(Number.POSITIVE_INFINITY);
  const hasty = pollySpeech({ ...common, endpoint: endless.endpoint, callTimeoutMs: 200 });
  const speech = await Promise.all([
    patient.synthesize(sound('Slowly.')),
    expect(hasty.synthesize(sound('For ever.'))).rejects.toMatchObject({ code: 'call-timeout' }),
  ]);
  expect(Buffer.from(speech[0].audio).toString()).toMatch(/^(piece){2,}the end$/);
  patient.close();
  hasty.close();
});

test.each(['AWS_USE_DUALSTACK_ENDPOINT', 'AWS_USE_FIPS_ENDPOINT'])(
  'the local engine is called even if the environment has %s',
  async (name) => {
    await setFaults(rig, {});
    vi.stubEnv(name, 'true');
    const options = { region: 'us-east-1', endpoint: rig.engineUrl, callTimeoutMs: 30_000 };
    const provider = pollySpeech(options);
    try {
      expect((await provider.synthesize(sound('Spoken here.'))).audio.length).toBeGreaterThan(0);
    } finally {
      provider.close();
      vi.unstubAllEnvs();
    }
  },
);

const isCut = ({ billed, reason }: { billed: boolean; reason: { message: string } }): boolean =>
  billed && reason.message.startsWith('the audio broke off');

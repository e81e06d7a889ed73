/** Lexicons: their content is part of the sound, only dispatchers may read them, and looking them up stops no set. */
import { hash } from 'node:crypto';
import { type LexiconQuestion, lexiconAnswer, lexiconsSubject, soundHash } from '@setlist/contracts';
import { NobodyAnswers } from '@setlist/eventlog';
import { engineStats, eventually, setFaults } from '@setlist/testkit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { callsOf, outcomesOf, settled, soundEvents } from '../world/probes.ts';
import { dispatcherHere, type Rig, startRig } from '../world/rig.ts';
import { ask, phrases, sound } from '../world/sets.ts';
import { openWay } from '../world/way.ts';

let rig: Rig;
beforeAll(async () => {
  // More than dispatchers are told, so that no call of theirs is throttled for coming a moment early.
  const QUOTAS = 'polly,generative.synthesize=80/80,neural.synthesize=80/80';
  rig = await startRig({ ENGINE: 'instant', QUOTAS });
});
afterEach(() => setFaults(rig, {}));
afterAll(() => rig[Symbol.asyncDispose]());

const says = (alias: string): string =>
  `<lexicon version="1.0" alphabet="ipa" xml:lang="en-US" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon">
    <lexeme><grapheme>W3C</grapheme><alias>${alias}</alias></lexeme>
  </lexicon>`;

/** Uploads a lexicon, retrying while the engine's quota refuses it. */
const put = (name: string, content: string): Promise<true> =>
  eventually(async () => {
    const body = JSON.stringify({ Content: content });
    const headers = { 'content-type': 'application/json' };
    const reply = await fetch(`${rig.engineUrl}/v1/lexicons/${name}`, { method: 'PUT', headers, body });
    if (!reply.ok) throw new Error(await reply.text());
    return true;
  });

const spoken = (text: string, name: string, content: string) =>
  sound(text, { lexicons: [{ name, sha256: hash('sha256', content) }] });

const asked = (names: string[], timeoutMs: number): Promise<unknown> =>
  rig.log.ask(lexiconsSubject('local'), { provider: 'local', names } satisfies LexiconQuestion, timeoutMs);

async function digests(names: string[]): Promise<ReadonlyMap<string, string>> {
  const answer = lexiconAnswer.parse(await asked(names, 60_000));
  expect(answer.error).toBeUndefined();
  return new Map(Object.entries(answer.digests));
}

test('audio made with a changed lexicon is never stored for the lexicon’s old content', async () => {
  const before = says('World Wide Web Consortium');
  const now = says('the consortium');
  await put('kept', before);
  await put('changed', now);
  const sounds = [
    spoken('The W3C.', 'kept', before),
    spoken('By W3C.', 'changed', before),
    spoken('W3C!', 'gone', before),
  ];
  await using _ = dispatcherHere(rig);
  const billed = (await engineStats(rig)).billedCharacters;
  const outcomes = await settled(rig, await ask(rig, sounds, 'lexicons'), 3);
  const byIndex = new Map(outcomes.map(({ data }) => [data.index, data]));
  expect(byIndex.get(0)).toMatchObject({ how: 'paid' });
  const remedy = expect.stringContaining('Submit the set again');
  expect(byIndex.get(1)).toMatchObject({
    code: 'lexicon-changed',
    message: 'the lexicon changed has changed since the set was accepted',
    remedy,
  });
  expect(byIndex.get(2)).toMatchObject({
    code: 'lexicon-changed',
    message: 'the lexicon gone is gone since the set was accepted',
    remedy,
  });
  expect((await engineStats(rig)).billedCharacters - billed).toBe('The W3C.'.length);
  const freed = await soundEvents(rig, byIndex.get(1)?.hash);
  expect(freed.at(-1)).toMatchObject({ name: 'SoundFreed', data: { billed: false } });
});

test('an item is not failed by what its lexicon was before the set was asked for', async () => {
  const [before, now] = [says('before'), says('now')];
  await put('renewed', before);
  await using _ = dispatcherHere(rig);
  await settled(rig, await ask(rig, [spoken('W3C, at first.', 'renewed', before)], 'at-first'), 1);
  await put('renewed', now);
  const [outcome] = await settled(rig, await ask(rig, [spoken('W3C, then.', 'renewed', now)], 'then'), 1);
  expect(outcome?.data).toMatchObject({ how: 'paid' });
});

test('a stop while a lexicon is looked up gives the item back at once, and no sound was claimed', async () => {
  const said = says('stopped');
  await put('stopped', said);
  const wanted = spoken('W3C, before and after the stop.', 'stopped', said);
  await setFaults(rig, { throttle: 1 });
  const patient = { CALL_TIMEOUT: '60s', ACK_WAIT: '60s' };
  const { throttled } = await callsOf(rig, 'GetLexicon');
  const first = dispatcherHere(rig, patient);
  const setId = await ask(rig, [wanted], 'stopped');
  await eventually(async () => (await callsOf(rig, 'GetLexicon')).throttled > throttled);
  await first[Symbol.asyncDispose]();
  expect(await soundEvents(rig, soundHash(wanted))).toEqual([]);
  await setFaults(rig, {});
  await using _next = dispatcherHere(rig, patient);
  // Well before the item would be redelivered by itself.
  const [outcome] = await settled(rig, setId, 1, 30_000);
  expect(outcome?.data).toMatchObject({ how: 'paid' });
});

test('an item that waits long for its turn is not made with what its lexicon has become meanwhile', async () => {
  const before = says('a long wait');
  await put('waiting', before);
  const quota = { QUOTAS: 'generative.synthesize=0.5/1' };
  await using _ = dispatcherHere(rig, quota);
  const sounds = Array.from({ length: 8 }, (_each, index) => ({
    ...spoken(`W3C, number ${index + 1}.`, 'waiting', before),
    engine: 'generative' as const,
  }));
  const setId = await ask(rig, sounds, 'waiting');
  await settled(rig, setId, 1);
  await put('waiting', says('no wait'));
  const outcomes = await settled(rig, setId, 8);
  // A call in flight may end after items that fail at once.
  expect(outcomes.find(({ data }) => data.index === 7)?.data).toMatchObject({ code: 'lexicon-changed' });
  // At a call every two seconds: the change may go unseen for five, and on a busy machine for longer.
  expect(outcomes.filter(({ name }) => name === 'ItemCompleted').length).toBeLessThanOrEqual(1 + 6);
});

test('items that name a lexicon keep their order while they wait for quota', async () => {
  const said = says('in order');
  await put('ordered', said);
  await using _ = dispatcherHere(rig, { QUOTAS: 'generative.synthesize=8/8' });
  const sounds = Array.from({ length: 64 }, (_each, index) => ({
    ...spoken(`W3C, in its order, ${index + 1}.`, 'ordered', said),
    engine: 'generative' as const,
  }));
  const outcomes = await settled(rig, await ask(rig, sounds, 'ordered'), 64);
  // Calls in flight at the same time may end in another order.
  const late = outcomes.filter(({ data }, place) => Math.abs(data.index - place) > 8);
  expect(late.map(({ data }) => data.index)).toEqual([]);
});

test('a question about more lexicons than the quota allows at once is answered completely', async () => {
  const names = Array.from({ length: 24 }, (_, index) => `many${index}`);
  await using _ = dispatcherHere(rig, { QUOTAS: 'polly' });
  await put('many7', says('seven'));
  expect(await digests(names)).toEqual(new Map([['many7', hash('sha256', says('seven'))]]));
});

test('a draining dispatcher takes no more questions, even while a call holds it up', async () => {
  await using way = await openWay(rig.engineUrl);
  way.next('POST /v1/speech', 'held');
  const dispatcher = dispatcherHere(rig, { CALL_TIMEOUT: '60s', POLLY_LOCAL_URL: way.url });
  await ask(rig, [sound('It takes its time.')], 'slow');
  await eventually(() => way.seen('POST /v1/speech') === 1);
  const drained = dispatcher[Symbol.asyncDispose]();
  await eventually(() =>
    asked(['stopped'], 1_000).then(
      () => false,
      (error) => error instanceof NobodyAnswers,
    ),
  );
  expect(await Promise.race([drained, 'held up'])).toBe('held up');
  way.release();
  await drained;
});

test('only dispatchers that serve the provider are asked', async () => {
  await put('served', says('served'));
  await using _elsewhere = dispatcherHere(rig, { PROVIDERS: 'polly', TASK_STORE: '' });
  await using _here = dispatcherHere(rig);
  // The broker picks any of several listeners.
  for (let times = 0; times < 20; times++)
    expect([...(await digests(['served'])).keys()]).toEqual(['served']);
});

test.each([
  ['never end', 'stalls'],
  ['are throttled', 'throttled'],
] as const)('a set whose look-ups of a lexicon %s holds up no other set', async (_how, fate) => {
  await using way = await openWay(rig.engineUrl);
  way.next('GET /v1/lexicons/held', ...Array.from({ length: 1_000 }, () => fate));
  const env = { POLLY_LOCAL_URL: way.url, QUOTAS: 'polly', CALL_TIMEOUT: '10m', DRAIN_TIMEOUT: '11m' };
  await using _ = dispatcherHere(rig, env);
  const neural = { engine: 'neural' } as const;
  const lexicons = [{ name: 'held', sha256: 'a'.repeat(64) }];
  const held = await ask(rig, phrases(20, `Held, ${fate}`, { ...neural, lexicons }), 'held');
  await eventually(() => way.seen('GET /v1/lexicons/held') > 0);
  await settled(rig, await ask(rig, phrases(40, `Beside, ${fate}`, neural), 'beside'), 40);
  expect(await outcomesOf(rig, held)).toEqual([]);
});

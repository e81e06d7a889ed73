/** Lexicons: their content is part of the sound, and only dispatchers may read them. */
import { hash } from 'node:crypto';
import {
  type LexiconQuestion,
  lexiconAnswer,
  lexiconsSubject,
  newEvent,
  type SetlistEvent,
  soundHash,
} from '@setlist/contracts';
import { NobodyAnswers } from '@setlist/eventlog';
import { engineStats, eventually, setFaults } from '@setlist/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callsOf, settled, soundEvents } from './probes.ts';
import { dispatcherHere, type Rig, startRig } from './rig.ts';
import { ask, sound } from './sets.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ ENGINE: 'instant', QUOTAS: 'polly' });
});
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

test('a stop before the call hands the claim over at once, and counts neither as a call nor as an expired claim', async () => {
  const said = says('stopped');
  await put('stopped', said);
  const first = spoken('W3C, for the first time.', 'stopped', said);
  const left = spoken('W3C, after four have died of it.', 'stopped', said);
  const died = newEvent(
    'SoundClaimed',
    {
      hash: soundHash(left),
      claim: 4,
      by: 'dispatcher-gone',
      until: new Date(rig.log.clock.now() - 1).toISOString(),
      for: { set: 'another', index: 0, attempt: 1 },
      operation: 'synthesize',
      expired: 3,
      because: 'expired',
    },
    { source: 'dispatcher', now: new Date() },
  );
  await rig.log.append(died as SetlistEvent, { lastSeq: 0 });
  await setFaults(rig, { throttle: 1 });
  const patient = { CALL_TIMEOUT: '60s', ACK_WAIT: '60s' };
  const setId = await ask(rig, [first, left], 'stopped');
  for (let stops = 1; stops <= 2; stops++) {
    await using _ = dispatcherHere(rig, patient);
    await eventually(async () => {
      const claims = await Promise.all([first, left].map((each) => soundEvents(rig, soundHash(each))));
      const replicas = claims.map(
        (events) => new Set(events.map(({ data }) => data.by).concat('dispatcher-gone')),
      );
      return replicas.every(({ size }) => size > stops);
    });
  }
  await setFaults(rig, {});
  await using _ = dispatcherHere(rig, patient);
  const outcomes = await settled(rig, setId, 2);
  expect(outcomes.map(({ name }) => name)).toEqual(['ItemCompleted', 'ItemCompleted']);
  const steps = await soundEvents(rig, soundHash(first));
  const freed = steps.flatMap(({ name, data }) => (name === 'SoundFreed' ? [data] : []));
  expect(freed).toMatchObject([{ billed: false }, { billed: false }]);
  expect(steps.at(-1)?.data).not.toHaveProperty('repaid');
  expect((await soundEvents(rig, soundHash(left))).at(-1)?.data).toMatchObject({
    repaid: { because: 'expired' },
  });
});

test('a question about more lexicons than the quota allows at once is answered completely', async () => {
  const names = Array.from({ length: 24 }, (_, index) => `many${index}`);
  await using _ = dispatcherHere(rig);
  await put('many7', says('seven'));
  expect(await digests(names)).toEqual(new Map([['many7', hash('sha256', says('seven'))]]));
});

test('a draining dispatcher takes no more questions, even while a call holds it up', async () => {
  await setFaults(rig, { latencyMs: [3_000, 3_000] });
  const dispatcher = dispatcherHere(rig, { CALL_TIMEOUT: '60s' });
  await ask(rig, [sound('It takes its time.')], 'slow');
  await eventually(async () => (await callsOf(rig)).inFlight === 1);
  const drained = dispatcher[Symbol.asyncDispose]();
  await eventually(() =>
    asked(['stopped'], 1_000).then(
      () => false,
      (error) => error instanceof NobodyAnswers,
    ),
  );
  expect((await callsOf(rig)).inFlight).toBe(1);
  await setFaults(rig, {});
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

/** A provider on a bad day: every item comes out right all the same, and what was lost is counted in the open. */
import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Sound, soundHash } from '@setlist/contracts';
import { eventually } from '@setlist/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callsOf, engineStats, payments, setFaults, settled, soundEvents, total } from './probes.ts';
import { dispatcherHere, type Rig, startRig } from './rig.ts';
import { ask, phrases } from './sets.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

/** What the engine says on a good day. */
async function cleanRender({ voice, engine, format, sampleRate, text }: Sound): Promise<string> {
  const reply = await fetch(`${rig.engineUrl}/v1/speech`, {
    method: 'POST',
    body: JSON.stringify({
      VoiceId: voice,
      Engine: engine,
      OutputFormat: format,
      SampleRate: String(sampleRate),
      LanguageCode: 'en-US',
      Text: text,
      TextType: 'text',
    }),
  });
  expect(reply.status).toBe(200);
  return hash('sha256', new Uint8Array(await reply.arrayBuffer()));
}

test('half of all calls throttled, a tenth failed, streams cut: every item ends right and whole', async () => {
  await setFaults(rig, { throttle: 0.5, serverError: 0.1, cut: 0.15, latencyMs: [0, 300], seed: 7 });
  // No call is to end by its time-out on a busy machine: what is lost here is lost by the cuts.
  await using _ = dispatcherHere(rig, { CALL_TIMEOUT: '30s' });
  const sounds = [
    ...phrases(30, 'The show goes on'),
    ...phrases(10, 'And on', { format: 'pcm', sampleRate: 16_000 }),
  ];
  const setId = await ask(rig, sounds, 'bad-day');
  await eventually(async () => (await callsOf(rig)).cut >= 6);
  await setFaults(rig, {});
  const outcomes = await settled(rig, setId, sounds.length);
  expect(outcomes.filter(({ name }) => name === 'ItemFailed')).toEqual([]);

  // Before the comparing renders are paid for, too.
  const { lostSounds } = await engineStats(rig);
  for (const { data } of outcomes) {
    const wanted = sounds[data.index];
    const clean = wanted && (await cleanRender(wanted));
    expect(data).toMatchObject({ sha256: clean });
    expect(hash('sha256', await readFile(`${rig.folder}/out/${data.file}`))).toBe(clean);
  }

  const events = await soundEvents(rig);
  const cut = events.filter(({ name, data }) => name === 'SoundFreed' && 'billed' in data && isCut(data));
  expect(cut).toHaveLength(total(lostSounds));
  const paid = await payments(rig);
  const repaid = [...paid.values()].filter((payment) => payment.repaid?.because === 'cut');
  expect(repaid.map(({ hash }) => hash).sort()).toEqual(
    [...new Set(cut.map(({ data }) => data.hash))].sort(),
  );
  expect(repaid).toHaveLength(Object.keys(lostSounds).length);
  expect([...paid.keys()].sort()).toEqual(sounds.map(soundHash).sort());
});

const isCut = ({ billed, reason }: { billed: boolean; reason: { message: string } }): boolean =>
  billed && reason.message.startsWith('the audio broke off');

/** Audio that is paid for but can't be delivered: the set reports its cost, both when it fails and after a retry. */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Finding, verify } from '@setlist/audit';
import {
  commandAnswer,
  commandSubject,
  type EventOf,
  type SetSummary,
  setKey,
  subjects,
} from '@setlist/contracts';
import { folderObjectStore } from '@setlist/storage';
import { eventually } from '@setlist/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { System } from './system.ts';

const TEXT = 'A folder stands where this is to go.';
const SET_FILE = [
  'set: { name: undelivered }',
  'defaults: { engine: standard, voice-id: Joanna }',
  'items:',
  `  - { text: "${TEXT}", output-file: way.mp3 }`,
  '',
].join('\n');

let system: System;
beforeAll(async () => {
  system = await System.start({ engine: { ENGINE: 'instant' } });
});
afterAll(() => system[Symbol.asyncDispose]());

const round = (number: number): Promise<EventOf<'SetCompleted'>> =>
  eventually(async () => {
    const life = await system.events(subjects.state('*'));
    const ended = life.find((event) => event.name === 'SetCompleted' && event.data.round === number);
    return ended?.name === 'SetCompleted' ? ended : null;
  });

async function faults(): Promise<Finding[]> {
  const findings: Finding[] = [];
  const onFinding = (finding: Finding) => void findings.push(finding);
  const outputAt = (uri: string) => folderObjectStore(new URL(uri).pathname);
  const places = { store: folderObjectStore(system.store), outputAt };
  await verify({ log: system.log, places, live: true, onFinding });
  return findings;
}

const manifest = (billed: number, state: string) =>
  eventually(async () => {
    const text = await readFile(join(system.output, 'undelivered', 'manifest.json'), 'utf8');
    const { billedCharacters, sparedCharacters, items } = JSON.parse(text);
    expect({ billedCharacters, sparedCharacters }).toEqual({ billedCharacters: billed, sparedCharacters: 0 });
    expect(items).toMatchObject([{ state, billedCharacters: billed }]);
    return true;
  });

test('an item that is paid but can’t be delivered counts in its set’s cost, and a retry adds nothing', async () => {
  const inTheWay = join(system.output, 'undelivered', 'way.mp3');
  await mkdir(join(inTheWay, 'within'), { recursive: true });
  await system.drop('undelivered.yml', SET_FILE);
  const first = await round(1);
  expect(first.data).toMatchObject({
    counts: { failed: 1, paid: 0 },
    billedCharacters: TEXT.length,
    failures: [{ code: 'store-invalid-key', remedy: 'Rename one of the two.' }],
  });
  await manifest(TEXT.length, 'failed');
  expect(await faults()).toEqual([]);

  await rm(inTheWay, { recursive: true });
  const setId = first.setId ?? '';
  const retry = { verb: 'retry', setId, who: 'e2e' };
  expect(commandAnswer.parse(await system.log.ask(commandSubject('retry'), retry, 20_000)).ok).toBe(true);
  const second = await round(2);
  expect(second.data).toMatchObject({
    counts: { completed: 1, failed: 0, paid: 1, reused: 0 },
    billedCharacters: TEXT.length,
    savedUsd: '0.00',
  });
  await manifest(TEXT.length, 'completed');
  expect((await system.engineStats()).billedCharacters).toBe(TEXT.length);
  const summary = (await system.log.sets.get<SetSummary>(setKey(setId)))?.value;
  expect(summary).toMatchObject({ billedCharacters: TEXT.length, sparedCharacters: 0 });
  expect(await faults()).toEqual([]);
});

/** Which later runs are followed alongside a waiting run: only those that may still complete a shared file. */
import { pathToFileURL } from 'node:url';
import { newEvent, type SetlistEvent, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { createLogger } from '@setlist/runtime';
import { openStore } from '@setlist/storage';
import { eventually } from '@setlist/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SharedFiles } from '../../src/files/shared-files.ts';
import { SoundLedger } from '../../src/ledger/sound-ledger.ts';
import { type Rig, startRig } from '../world/rig.ts';
import { ask, phrases, request, say, sound } from '../world/sets.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ ENGINE: 'instant' });
});
afterAll(() => rig[Symbol.asyncDispose]());

/** Shared files on the rig's log, and the subjects that they currently follow. */
function filesHere() {
  const following = new Set<string>();
  const follow: EventLog['follow'] = (selection, signal) => {
    const name = String(selection.subjects);
    following.add(name);
    signal?.addEventListener('abort', () => following.delete(name));
    return rig.log.follow(selection, signal);
  };
  const log = { follow, last: rig.log.last, first: rig.log.first, read: rig.log.read };
  const ledger = new SoundLedger(rig.log, 'dispatcher-one', new AbortController().signal);
  const logger = createLogger({ service: 'dispatcher', level: 'error', pretty: false });
  const store = openStore(`${rig.folder}/store`);
  return { following, files: new SharedFiles({ log, ledger, logger, store, outputOf: () => store }) };
}

const lastOf = async (setId: string) => {
  const record = await rig.log.last(subjects.state(setId));
  if (!record) throw new Error('the set was accepted');
  return record;
};

/** Completes a run of one item, as a dispatcher and the tracker would. */
async function complete(setId: string): Promise<void> {
  const { index, attempt, lane, hash, file } = request(sound('Come and gone.'), 0, 'waiting');
  const audio = { bytes: 1, sha256: 'a'.repeat(64), durationMs: 1 };
  const money = { how: 'paid', billedCharacters: 1, sparedCharacters: 0 } as const;
  const data = { index, attempt, lane, hash, file, ...money, ...audio };
  const context = { source: 'dispatcher', now: new Date(), setId } as const;
  await rig.log.append(newEvent('ItemCompleted', data, context) as SetlistEvent, { lastSeq: 0 });
  const at = new Date().toISOString();
  await say(rig, setId, 'SetCompleted', {
    round: 1,
    counts: { total: 1, completed: 1, failed: 0, paid: 1, reused: 0, recovered: 0 },
    ...{ billedCharacters: 1, costUsd: '0', savedUsd: '0', startedAt: at, endedAt: at },
    failures: [],
    chain: { events: 3, head: 'a'.repeat(64) },
  });
}

test('while a run stays paused, a later one is followed until it completes, and again when it is retried', async () => {
  const { following, files } = filesHere();
  const earlier = await ask(rig, phrases(1, 'Still here'), 'waiting');
  const acceptedSeq = (await lastOf(earlier)).seq;
  const run = {
    setId: earlier,
    acceptedSeq,
    output: pathToFileURL(`${rig.folder}/out`).href,
    prefix: 'waiting',
  };
  await files.opened(run, acceptedSeq);
  const later = await ask(rig, phrases(1, 'Come and gone'), 'waiting');
  files.seen(await lastOf(later));
  expect(following.size).toBe(2);

  await complete(later);
  files.seen(await lastOf(later));
  await eventually(() => following.size === 1);
  expect(files.isTaken(earlier, 'waiting/item-000000.mp3')).toBe(true);

  await say(rig, later, 'SetRetried', { round: 2, items: 1 });
  files.seen(await lastOf(later));
  await eventually(() => following.size === 2);
  await files.ended(run);
  expect(following.size).toBe(0);

  await complete(later);
  const { following: atStart, files: started } = filesHere();
  await started.opened(run, acceptedSeq + 1);
  await eventually(() => atStart.size === 1);
  await started.ended(run);
});

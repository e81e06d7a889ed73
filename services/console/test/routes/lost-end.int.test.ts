/** A power cut that takes the end of the log, and with it events of which summaries were made. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, freeze, keptLog } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { SetOf, seen, startWorld, type World } from '../world.ts';

interface Shown {
  readonly state?: string;
  readonly counts?: { readonly completed: number };
  readonly status?: number;
}

/** A tracker that looks whether the log has lost its end every two seconds. */
const startLooking = (): Promise<World> => startWorld({ RATE_LIMIT: '1000000' }, { STALL_AFTER: '20s' });

const shown = ({ url }: World, { id }: SetOf, wanted: (set: Shown) => boolean): Promise<Shown> =>
  seen<Shown>(`${url}/api/v1/sets/${id}`, wanted);

/** A set that ended and another that was accepted, both shown, before a power cut took these events. */
async function afterPowerCut(world: World) {
  const ended = await new SetOf(world, 'ended', 3).accept();
  await ended.complete(0);
  await shown(world, ended, ({ state }) => state === 'running');
  const loseEnd = await keptLog(world.nats);
  for (const index of [1, 2]) await ended.complete(index);
  const accepted = await new SetOf(world, 'accepted').accept();
  await shown(world, ended, ({ state }) => state === 'completed');
  await shown(world, accepted, ({ state }) => state === 'running');
  return { ended, accepted, loseEnd };
}

/** Expects what is left of the log to be shown, and what comes next. */
async function expectLeft(world: World, { ended, accepted }: Record<'ended' | 'accepted', SetOf>) {
  await shown(world, ended, ({ state, counts }) => state === 'running' && counts?.completed === 2);
  await shown(world, accepted, ({ status }) => status === 404);
  await ended.complete(2);
  await shown(world, ended, ({ state }) => state === 'completed');
}

test('a console shows what is left after a power cut of the broker, and has watchers start over', async () => {
  await using world = await startLooking();
  const { ended, accepted, loseEnd } = await afterPowerCut(world);
  const leaving = new AbortController();
  const { body } = await fetch(`${world.url}/api/v1/live`, { signal: leaving.signal });
  let told = '';
  const telling = (async () => {
    for await (const part of body ?? []) told += Buffer.from(part).toString();
  })().catch(() => undefined);
  await loseEnd();
  await ended.complete(1);
  await expectLeft(world, { ended, accepted });
  await eventually(() => told.includes('event: reset'));
  leaving.abort();
  await telling;
});

test('a console that starts before the tracker has noticed the power cut shows what is left too', async () => {
  await using world = await startLooking();
  const { ended, accepted, loseEnd } = await afterPowerCut(world);
  freeze(world.tracker.pid);
  await loseEnd();
  await world.restartConsole();
  await shown(world, ended, ({ state }) => state === 'completed');
  await ended.complete(1);
  process.kill(world.tracker.pid, 'SIGCONT');
  await expectLeft(world, { ended, accepted });
});

interface Known {
  readonly counts?: { readonly requested: number };
  readonly chain: { readonly head: string };
}

test('what was answered before a power cut doesn’t count as unchanged when its place in the log is given out again', async () => {
  await using world = await startLooking();
  const set = await new SetOf(world, 'again').accept(1);
  const api = `${world.url}/api/v1/sets`;
  const paths = [
    '',
    `/${set.id}`,
    ...['items', 'matches', 'states', 'timeline'].map((of) => `/${set.id}/${of}`),
  ];
  const versions = () =>
    Promise.all(paths.map(async (path) => (await fetch(api + path)).headers.get('etag')));
  const loseEnd = await keptLog(world.nats);
  await set.request(2);
  const before = await seen<Known>(`${api}/${set.id}`, ({ counts }) => counts?.requested === 2);
  const versionsBefore = await versions();
  await loseEnd();
  await set.request(1);
  await seen<Known>(
    `${api}/${set.id}`,
    ({ counts, chain }) => counts?.requested === 2 && chain.head !== before.chain.head,
  );
  const versionsAfter = await versions();
  for (const [at, path] of paths.entries()) expect(versionsAfter[at], path).not.toBe(versionsBefore[at]);
});

test('an item that is requested where the log had another one’s request before a power cut has its text', async () => {
  await using world = await startLooking();
  const set = await new SetOf(world, 'texts').accept(1);
  const hasText = (index: number) =>
    seen<{ items?: { text?: string }[] }>(
      `${world.url}/api/v1/sets/${set.id}/items?index=${index}`,
      ({ items = [] }) => items[0]?.text === `Gate ${index}, please.`,
    );
  const loseEnd = await keptLog(world.nats);
  await set.request(2);
  await hasText(2);
  await loseEnd();
  await set.request(1);
  await hasText(1);
});

test('the audio of a set that is accepted again after a power cut is read from where it is then', async () => {
  await using world = await startLooking();
  const set = new SetOf(world, 'moved', 1);
  const isInZip = () =>
    eventually(async () => {
      const zip = await fetch(`${world.url}/api/v1/sets/${set.id}/audio.zip`);
      return (await zip.text()).includes('ID3!');
    });
  const output = async (name: string): Promise<void> => {
    const folder = join(world.folder, name);
    set.output = `file://${folder}`;
    await mkdir(join(folder, 'moved'), { recursive: true });
    await writeFile(join(folder, 'moved', 'item-0.mp3'), 'ID3!');
    await set.accept();
    await set.complete(0);
  };
  const loseEnd = await keptLog(world.nats);
  await output('one');
  await isInZip();
  await loseEnd();
  await shown(world, set, ({ status }) => status === 404);
  await rm(join(world.folder, 'one'), { recursive: true });
  await output('other');
  await isInZip();
});

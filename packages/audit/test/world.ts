/** A broker, stores and a clean history of several sets, as a system leaves them. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandSubject, POSITION_KEY, type SetSummary, setKey, subjects } from '@setlist/contracts';
import { type EventLog, openEventLog } from '@setlist/eventlog';
import { folderObjectStore, type ObjectStore } from '@setlist/storage';
import { eventually, startNats, startProcess, type TestNats, temporaryFolder } from '@setlist/testkit';
import { type Finding, Snapshots, type Verdict, verify } from '../src/index.ts';
import { paidFor, setOf, soundOfItem, type ToldSet } from './told.ts';

const TRACKER = fileURLToPath(new URL('../../../services/tracker/src/main.ts', import.meta.url));

export interface World extends AsyncDisposable {
  readonly nats: TestNats;
  readonly log: EventLog;
  readonly folder: string;
  readonly store: ObjectStore;
  readonly output: ObjectStore;
  readonly snapshots: Snapshots;
  verify(options?: {
    deep?: boolean;
    log?: EventLog;
    every?: number;
    manifests?: boolean;
    live?: boolean;
  }): Promise<Verdict & { findings: Finding[] }>;
}

/** An empty log and empty stores. */
export async function openWorld(): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder()).path;
  const nats = stack.use(await startNats());
  const log = stack.use(await openEventLog({ servers: nats.url, name: 'audit-test' }));
  const open = stack.move();
  const store = folderObjectStore(join(folder, 'store'));
  const output = folderObjectStore(join(folder, 'out'));
  const snapshots = new Snapshots(join(folder, 'snapshots'));
  return {
    nats,
    log,
    folder,
    store,
    output,
    snapshots,
    async verify({ deep = true, log: audited = log, every = 5_000, manifests = true, live = false } = {}) {
      const findings: Finding[] = [];
      const places = { store, outputAt: (uri: string) => folderObjectStore(new URL(uri).pathname) };
      const onFinding = (finding: Finding) => void findings.push(finding);
      const options = { places, manifests, snapshots, deep, every, live, onFinding };
      const verdict = await verify({ log: audited, ...options });
      return { ...verdict, findings };
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

export interface History {
  /** Completed in two rounds, with a sound that was reused and one that was paid again. */
  readonly tour: ToldSet;
  /** Running. */
  readonly guide: ToldSet;
  readonly refused: ToldSet;
}

/** Writes a history for a real tracker, which adds its own events and writes projections and manifests. */
export async function tellHistory(world: World, { guide: withGuide = true } = {}): Promise<History> {
  const { nats, output } = world;
  // A line separator (U+2028) does not end a line of events, though some readers of text think so.
  const phrases = ['Welcome.', 'This is\u2028the hall.', 'Welcome.', 'Mind the step.'];
  const tour = setOf('tour', '20261122t060000-k3f9q2', phrases, output);
  const guide = setOf('guide', '20261122t060001-k3f9q2', ['One.', 'Two.', 'Three.'], output);
  const refused = setOf('refused', '20261122t060002-k3f9q2', [], output);
  await using _ = await startedTracker(nats.url);
  await firstRound(world, { tour, guide, refused }, withGuide);
  await secondRound(world, tour);
  if (withGuide) await steered(world.log, guide);
  await layAudio(world, { tour, guide });
  await settled(world, withGuide ? guide : tour);
  return { tour, guide, refused };
}

export interface Told extends World {
  readonly history: History;
}

/** A world with its history written. */
export async function openTold(): Promise<Told> {
  await using stack = new AsyncDisposableStack();
  const world = stack.use(await openWorld());
  const history = await tellHistory(world);
  stack.move();
  return { ...world, history };
}

/** A real tracker, which shuts down cleanly when it is disposed of. */
export async function startedTracker(url: string): Promise<AsyncDisposable> {
  const env = { NATS_URL: url, FLUSH_EVERY: '20ms', LOG_FORMAT: 'json' };
  const tracker = await startProcess({ name: 'tracker', entry: TRACKER, env });
  await tracker.waitForLine(/"event":"folding"/);
  return { [Symbol.asyncDispose]: async () => void (await tracker.term()) };
}

/** Three items of the tour complete, one of them at the second call and one by reuse; the fourth fails. */
async function firstRound(
  { log, store }: World,
  { tour, guide, refused }: History,
  withGuide: boolean,
): Promise<void> {
  const hall = soundOfItem(tour.item(1), store);
  await log.appendAll([
    tour.accepted(),
    ...[0, 1, 2, 3].map((index) => tour.requested(index)),
    refused.rejected(),
    ...(withGuide ? [guide.accepted(), ...[0, 1, 2].map((index) => guide.requested(index))] : []),
    ...paidFor(tour, 0, store),
    hall.claimed(),
    hall.freed(1, true),
    hall.claimed(2, 'cut'),
    hall.paid(2, { repaid: { because: 'cut' } }),
    tour.completed(1),
    tour.completed(2, 'reused'),
    tour.failed(3),
  ]);
  await stands(log, tour, ({ state, round }) => state === 'completed' && round === 1);
  await log.appendAll([
    tour.notified(`${tour.id}/completed/1`, 'SetCompleted'),
    ...(withGuide ? paidFor(guide, 0, store) : []),
  ]);
}

/** The failed item is retried, and completes. */
async function secondRound({ log, store }: World, tour: ToldSet): Promise<void> {
  await commanded(log, { verb: 'retry', setId: tour.id });
  await stands(log, tour, ({ counts, round }) => round === 2 && counts.awaited === 1);
  await eventually(async () => {
    const last = await log.last(subjects.requested(tour.id, 'neural'));
    return last?.event?.name === 'ItemRequested' && last.event.data.attempt === 2;
  });
  const step = soundOfItem(tour.item(3, 2), store);
  await log.appendAll([step.claimed(), step.paid(), tour.completed(3, 'paid', 2)]);
  await stands(log, tour, ({ state, round }) => state === 'completed' && round === 2);
}

async function steered(log: EventLog, { id: setId }: ToldSet): Promise<void> {
  await commanded(log, { verb: 'pause', setId });
  await commanded(log, { verb: 'resume', setId });
  await commanded(log, { verb: 'pause', setId, why: 'lunch' });
}

async function layAudio({ store }: World, { tour, guide }: Omit<History, 'refused'>): Promise<void> {
  const paid = [tour.item(0), tour.item(1), tour.item(3), guide.item(0)];
  for (const item of paid) await soundOfItem(item, store).keep();
  for (const set of [tour, guide]) await set.keepFile(store);
  for (const index of [0, 1, 2, 3]) await tour.deliver(index);
  await guide.deliver(0);
}

/** Waits until the projections have all events of the last set, and the manifest is that of the second round. */
const settled = ({ log, output }: World, { id }: ToldSet): Promise<unknown> =>
  eventually(async () => {
    const position = await log.sets.get<{ lastSeq: number }>(POSITION_KEY);
    const last = await log.last(subjects.state(id));
    const manifest = await output.get('tour/manifest.json').catch(() => Buffer.from('{}'));
    const { round } = JSON.parse(Buffer.from(manifest).toString()) as { round?: number };
    return round === 2 && position?.value.lastSeq === last?.seq;
  });

const stands = (log: EventLog, { id }: ToldSet, test: (summary: SetSummary) => boolean): Promise<unknown> =>
  eventually(async () => {
    const found = await log.sets.get<SetSummary>(setKey(id));
    return found !== undefined && test(found.value);
  });

/** @throws where the command is refused, or no tracker answers yet */
export async function commanded(
  log: EventLog,
  command: { verb: string; setId: string; why?: string },
): Promise<void> {
  const answer = await log.ask(commandSubject(command.verb), { who: 'test', ...command });
  if (!(answer as { ok: boolean }).ok) throw new Error(JSON.stringify(answer));
}

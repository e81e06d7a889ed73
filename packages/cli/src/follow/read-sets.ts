/** Looks up sets and their items in the projections. */
import {
  ALL_SETS_KEYS,
  isOpen,
  newestFirst,
  type Reason,
  type SetlistEvent,
  type SetSummary,
  subjects,
  type Verb,
} from '@setlist/contracts';
import { type EventLog, openSetIds } from '@setlist/eventlog';
import { inParallel } from '@setlist/runtime';
import { beginningOf, summaryOf, untilFoldedTo } from '@setlist/sets';

const STEERING = ['SetPaused', 'SetResumed', 'SetCancelled', 'SetPrioritized', 'SetRetried'] as const;
export type SteeringEvent = Extract<SetlistEvent, { name: (typeof STEERING)[number] }>;

const isSteering = (event: SetlistEvent | undefined): event is SteeringEvent =>
  STEERING.some((name) => name === event?.name);

type Sets = Pick<EventLog, 'sets'>;

const AT_ONCE = 64;
const FOLDED_WITHIN_MS = 10_000;

/** Every set, newest first. */
export async function allSets({ sets }: Sets): Promise<SetSummary[]> {
  const found: SetSummary[] = [];
  await inParallel(await sets.keys(ALL_SETS_KEYS), AT_ONCE, async (key) => {
    const entry = await sets.get<SetSummary>(key);
    if (entry) found.push(entry.value);
  });
  return found.sort(newestFirst);
}

/**
 * The sets that have not ended, by everything now in the log, newest first. Waits until a tracker has folded them: a
 * killed one, or one that rebuilds the projections, can leave them without a whole set.
 */
export async function openSets(
  log: Pick<EventLog, 'sets' | 'first' | 'last' | 'read'>,
): Promise<SetSummary[]> {
  const open: SetSummary[] = [];
  await inParallel(openSetIds(log), AT_ONCE, async (setId) => {
    if ((await beginningOf(log, setId)) === undefined) return;
    let summary: SetSummary | undefined;
    // However long: a set that is passed over here can be begun and paid for a second time.
    while (summary === undefined) summary = await foldedSummary(log, setId);
    if (isOpen(summary)) open.push(summary);
  });
  return open.sort(newestFirst);
}

/** A set's summary once the tracker has folded everything now in the log; after 10 s, whatever it has folded so far. */
export async function foldedSummary(
  log: Pick<EventLog, 'sets' | 'last'>,
  setId: string,
): Promise<SetSummary | undefined> {
  const last = await log.last(subjects.ofSet(setId));
  return untilFoldedTo(() => summaryOf(log.sets, setId), last?.seq ?? 0, FOLDED_WITHIN_MS);
}

/** The set with this id, or the newest run of the set with this name. */
export const findSet = async (log: Sets, wanted: string): Promise<SetSummary | undefined> =>
  (await setById(log, wanted)) ?? (await runsOf(log, wanted))[0];

/**
 * As {@link findSet}, for steering: a name means the newest run that has not ended, since one that has can't be steered,
 * while the one before it can still be paid for. If all have ended, or for a retry, which is for a set that has, it means
 * the newest that was not refused.
 */
export async function findSetToSteer(log: Sets, wanted: string, verb: Verb): Promise<SetSummary | undefined> {
  const byId = await setById(log, wanted);
  if (byId) return byId;
  const runs = await runsOf(log, wanted);
  const open = verb === 'retry' ? undefined : runs.find(isOpen);
  return open ?? runs.find(({ state }) => state !== 'rejected') ?? runs[0];
}

/** Looks up as an id only what is valid in a key: names can contain anything. */
const setById = async ({ sets }: Sets, wanted: string): Promise<SetSummary | undefined> =>
  /^[A-Za-z0-9-]+$/.test(wanted) ? await summaryOf(sets, wanted) : undefined;

/** Every run of the set with this name, newest first. */
const runsOf = async (log: Sets, name: string): Promise<SetSummary[]> =>
  (await allSets(log)).filter(({ set }) => set.name === name);

/** A message that could not be delivered to `recipient`, which is masked. */
export interface FailedNotice extends Reason {
  readonly channel: string;
  readonly recipient: string;
  readonly causeName: string;
  /** Of the whole message, also where others got it. */
  readonly tries: number;
  readonly othersGotIt: boolean;
  readonly time: string;
}

/** The messages about the set that could not be delivered to all of their recipients, in the log's order. */
export async function failedNotices(
  log: Pick<EventLog, 'read'>,
  { setId }: SetSummary,
): Promise<FailedNotice[]> {
  const failed: FailedNotice[] = [];
  for await (const { event } of log.read({ subjects: [subjects.notices(setId)] })) {
    if (event?.name === 'NotificationFailed')
      failed.push({ ...event.data, othersGotIt: false, time: event.time });
    if (event?.name !== 'NotificationSent') continue;
    const { notTold = [], ...data } = event.data;
    failed.push(...notTold.map((one) => ({ ...data, ...one, othersGotIt: true, time: event.time })));
  }
  return failed;
}

/** The steering commands that took effect on the set, in the log's order. */
export async function steeringOf(
  log: Pick<EventLog, 'read'>,
  { setId }: SetSummary,
): Promise<SteeringEvent[]> {
  const steering: SteeringEvent[] = [];
  for await (const { event } of log.read({ subjects: [subjects.state(setId)] })) {
    if (isSteering(event)) steering.push(event);
  }
  return steering;
}

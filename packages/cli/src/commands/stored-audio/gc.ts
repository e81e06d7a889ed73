/** `setlist gc`: lists stored sounds that no set has used for a long time, and deletes them if asked to. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { countOf, grouped } from '@setlist/contracts';
import { taskPrefixConfig } from '@setlist/dispatcher';
import type { EventLog } from '@setlist/eventlog';
import { durationMs, loadConfig, unlessAborted } from '@setlist/runtime';
import {
  type Removal,
  removeLeftOvers,
  removeTaskLeftOvers,
  removeUnused,
  surveyStore,
  type TaskBucket,
  taskLeftOvers,
} from '@setlist/sounds';
import type { ObjectStore } from '@setlist/storage';
import { commandId } from '../../command-id.ts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import { refused } from '../../failure.ts';
import {
  bytesOf,
  type Collectable,
  printCollectable,
  printCollectableJson,
  printRemoved,
  waitingWords,
} from '../../output/collection.ts';
import { confirm, requireAnswerable } from '../../output/confirm.ts';
import { size } from '../../output/text/sizes.ts';
import type { Terminal } from '../../output/text/terminal.ts';
import { listenForStop } from '../../stopping.ts';
import type { Surroundings } from '../../surroundings.ts';
import type { DataFolder } from '../../system/folder/data-folder.ts';
import { logPlace, openLog } from '../../system/open-log.ts';
import { LOCAL_TASK_BUCKET } from '../../system/service-settings.ts';
import { bucketNamed, canonicalStore, type StoreFlags, storeAt } from '../stores.ts';

export interface GcFlags extends StoreFlags {
  readonly data: string;
  readonly unusedFor: string;
  readonly taskBucket?: string;
  readonly delete?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** How old a file without a reference must be: a younger one can belong to work in progress, as tasks take hours. */
const LEFT_OVER_AFTER_MS = 24 * 3_600_000;
const SHOW_EVERY = 100;
const LIST_FIRST =
  'Run the same command without --delete first, which shows the list, then with --delete and --yes.';

export async function gc(flags: GcFlags, here: Surroundings): Promise<ExitCode> {
  const { terminal } = here;
  const terms = { unusedForMs: unusedForMs(flags.unusedFor), leftOverAfterMs: LEFT_OVER_AFTER_MS };
  if (flags.yes && !flags.delete) {
    throw refused(
      '--yes answers the question of --delete, but there is no --delete',
      'Add --delete, or leave out --yes.',
    );
  }
  if (flags.delete && !flags.yes) requireAnswerable(here, 'delete sounds', LIST_FIRST);
  using stop = listenForStop(here, () => terminal.clear());
  const logAt = logPlace(flags, here, 'setlist gc', stop.signal);
  const { data } = logAt;
  const store = canonicalStore(flags, data, here);
  await using opened = await openLog(logAt);
  if (opened === undefined) {
    terminal.say(`There are no sounds in ${data.path} yet.`);
    return EXIT.done;
  }
  const place: Place = { log: opened.log, store, buckets: taskBuckets(flags, data, here) };
  terminal.show(['Reading the store and the log …']);
  const found = await unlessAborted(survey(place, terms), stop.signal);
  terminal.clear();
  tell(found.all, flags, terminal);
  const removable = removableOf(found.all);
  if (!flags.delete) {
    if (removable.length > 0) terminal.say('Nothing was removed: add --delete to remove it.');
    return EXIT.done;
  }
  if (removable.length === 0) return EXIT.done;
  const question = `Delete ${countOf(removable.length, 'file')}, ${size(bytesOf(removable))}, for good?`;
  if (!flags.yes && !(await confirm(here, question, stop.signal))) {
    terminal.say('Nothing was removed.');
    return EXIT.cancelled;
  }
  await store.check();
  await removeAll(place, found, flags.json ?? false, { terminal, signal: stop.signal });
  return EXIT.done;
}

function tell(all: Collectable, { json, unusedFor }: GcFlags, terminal: Surroundings['terminal']): void {
  if (json) printCollectableJson(all, terminal);
  else printCollectable(all, unusedFor, terminal);
  if (waits(all)) terminal.say(waitingWords(all.unasked));
}

/** Whether unused sounds must stay for now. */
const waits = ({ unused, unasked }: Collectable): boolean => unused.length > 0 && unasked.length > 0;

const removableOf = (all: Collectable) => [
  ...(waits(all) ? [] : all.unused),
  ...all.leftOvers,
  ...all.taskLeftOvers,
];

function unusedForMs(text: string): number {
  const read = durationMs({ max: Infinity }).safeParse(text);
  if (read.success) return read.data;
  throw refused(
    `--unused-for ${JSON.stringify(text)} is not a length of time`,
    'Write a number with its unit, such as 180d or 12h.',
  );
}

interface Place {
  readonly log: EventLog;
  readonly store: ObjectStore;
  readonly buckets: readonly TaskBucket[];
}

interface Found {
  readonly all: Collectable;
  readonly inBuckets: readonly {
    readonly bucket: TaskBucket;
    readonly leftOvers: Collectable['taskLeftOvers'];
  }[];
}

async function survey(place: Place, terms: Parameters<typeof surveyStore>[1]): Promise<Found> {
  const found = await surveyStore(place, terms);
  const inBuckets = await Promise.all(
    place.buckets.map(async (bucket) => ({ bucket, leftOvers: await taskLeftOvers(place, bucket, terms) })),
  );
  return { all: { ...found, taskLeftOvers: inBuckets.flatMap(({ leftOvers }) => leftOvers) }, inBuckets };
}

/** Where tasks write: the local engine's folder if it exists, and the named bucket. */
function taskBuckets(flags: GcFlags, data: DataFolder, here: Surroundings): TaskBucket[] {
  const { TASK_PREFIX: prefixRoot } = loadConfig(taskPrefixConfig, here.env);
  const local = join(data.buckets, LOCAL_TASK_BUCKET);
  const named = bucketNamed(flags.taskBucket, here.env);
  const places = [
    ...(flags.server === undefined && existsSync(local) ? [local] : []),
    ...(named === undefined ? [] : [`s3://${named}`]),
  ];
  return places.map((place) => ({ prefixRoot, store: storeAt(place, inRegionOfPolly(here)) }));
}

/** At AWS, Polly writes only into buckets in its own region, which need not be that of the others. */
function inRegionOfPolly(here: Surroundings): Surroundings {
  const { S3_ENDPOINT, POLLY_REGION, AWS_REGION } = here.env;
  const region = POLLY_REGION || AWS_REGION;
  return S3_ENDPOINT || !region ? here : { ...here, env: { ...here.env, S3_REGION: region } };
}

/** Says what was removed whatever ends it, since that is gone for good. @throws the signal's reason */
async function removeAll(
  place: Place,
  found: Found,
  json: boolean,
  { terminal, signal }: { terminal: Terminal; signal: AbortSignal },
): Promise<void> {
  const removals: Removal[] = [];
  const of = countOf(removableOf(found.all).length, 'file');
  try {
    for await (const removal of removing(place, found, signal)) {
      removals.push(removal);
      if (removals.length % SHOW_EVERY === 0) terminal.show([`${grouped(removals.length)} of ${of}`]);
    }
  } finally {
    terminal.clear();
    printRemoved(removals, json, terminal);
  }
  signal.throwIfAborted();
}

/** Ends early when the signal aborts. */
async function* removing(
  place: Place,
  { all, inBuckets }: Found,
  signal: AbortSignal,
): AsyncGenerator<Removal> {
  if (!waits(all)) yield* removeUnused(place, all, commandId(), signal);
  yield* removeLeftOvers(place, all.leftOvers, signal);
  for (const { bucket, leftOvers } of inBuckets) yield* removeTaskLeftOvers(place, bucket, leftOvers, signal);
}

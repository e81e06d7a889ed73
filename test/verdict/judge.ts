/**
 * Judges an observation: what must hold for a set however it was disturbed, and what the disturbance cost. Pure.
 *
 * Payments are counted by the engine's own books, not by ours: for each sound, every payment after the first is a
 * repeat. A repeat by a task is always wrong, and so is a call for a sound that had a task before, which must be found
 * instead. A repeat of a call, by either path, is right only if the log records it (`repaid`), and there can be no more
 * of them than claims that were taken over.
 */
import { createHash } from 'node:crypto';
import type { EventOf, SetlistEvent, Sound } from '@setlist/contracts';
import type { Observation } from './observe.ts';

export interface Costs {
  readonly tasksPaidTwice: number;
  readonly callsPaidTwice: number;
  /** Of those, the calls for which the engine itself noticed that the reply was not delivered whole. */
  readonly callsLost: number;
  /** Payments that the log marks as possible repeats. */
  readonly repaid: number;
  /** Mails beyond the first with the same Message-ID. */
  readonly mailsRepeated: number;
  /** Sounds paid for by a process that died, and recovered later. */
  readonly recovered: number;
}

export interface Judgement {
  /** The faults found, one sentence each; empty if all is well. */
  readonly wrong: readonly string[];
  readonly costs: Costs;
}

export interface Circumstances {
  /** How many items the set has, no two alike. */
  readonly items: number;
  /** The most calls that may have been paid for again. */
  readonly callsLostAtMost: number;
  /** The channels that send notices. */
  readonly channels: readonly ('mail' | 'folder')[];
  /** Whether a mail may have come twice, because the notifier died between the mail and its note. */
  readonly mailMayRepeat: boolean;
}

export function judge(seen: Observation, circumstances: Circumstances): Judgement {
  const paid = judgePayments(seen, circumstances);
  const told = judgeNotices(seen, circumstances);
  const recovered = named(seen.events, 'SoundPaid').filter(({ data }) => data.how === 'recovered').length;
  return {
    wrong: [
      ...judgeLog(seen, circumstances),
      ...judgeFiles(seen, circumstances),
      ...judgeProjection(seen, circumstances),
      ...paid.wrong,
      ...told.wrong,
    ],
    costs: { ...paid.costs, mailsRepeated: told.repeated, recovered },
  };
}

const named = <N extends SetlistEvent['name']>(events: readonly SetlistEvent[], name: N) =>
  events.filter((event): event is EventOf<N> & SetlistEvent => event.name === name);

function judgeLog({ events }: Observation, { items: count }: Circumstances): string[] {
  const wrong: string[] = [];
  const expectCount = (name: SetlistEvent['name'], found: number, wanted: number): void => {
    if (found !== wanted) wrong.push(`${name}: ${found} in the log instead of ${wanted}`);
  };
  expectCount('SetAccepted', named(events, 'SetAccepted').length, 1);
  expectCount('SetRejected', named(events, 'SetRejected').length, 0);
  expectCount('ItemRequested', named(events, 'ItemRequested').length, count);
  expectCount('SoundPaid', named(events, 'SoundPaid').length, count);
  expectCount('ItemCompleted', named(events, 'ItemCompleted').length, count);
  expectCount('ItemFailed', named(events, 'ItemFailed').length, 0);
  expectCount('SetCompleted', named(events, 'SetCompleted').length, 1);
  const items = new Set(named(events, 'ItemCompleted').map(({ data }) => `${data.index}/${data.attempt}`));
  if (items.size !== count) wrong.push(`${items.size} items have an outcome instead of ${count}`);
  for (const [id, times] of counted(events.map((event) => event.id)))
    if (times > 1) wrong.push(`the event ${id} is in the log ${times} times`);
  for (const { data } of named(events, 'SetCompleted'))
    if (data.counts.completed !== count || data.counts.failed !== 0)
      wrong.push(`SetCompleted counts ${data.counts.completed} completed and ${data.counts.failed} failed`);
  return wrong;
}

function judgeFiles({ events, files, objects, unreadable }: Observation, { items }: Circumstances): string[] {
  const wrong: string[] = [];
  if (files.size !== items) wrong.push(`${files.size} files are under the set's names instead of ${items}`);
  for (const { data } of named(events, 'ItemCompleted')) {
    const name = data.file.split('/').at(-1) ?? '';
    const sha256 = files.get(name);
    if (sha256 !== data.sha256) wrong.push(`${name} is ${sha256 ?? 'missing'} instead of ${data.sha256}`);
  }
  for (const { data } of named(events, 'SoundPaid')) {
    const sha256 = objects.get(data.hash);
    if (sha256 !== data.sha256)
      wrong.push(`the sound ${data.hash} is ${sha256 ?? 'missing'} instead of ${data.sha256}`);
  }
  for (const [sha256, fault] of unreadable) wrong.push(`the audio ${sha256} can't be read: ${fault}`);
  return wrong;
}

function judgeProjection({ projection }: Observation, { items }: Circumstances): string[] {
  const { state, counts } = projection ?? {};
  if (state === 'completed' && counts?.completed === items) return [];
  return [`the projection says ${state ?? 'nothing'} with ${counts?.completed ?? 0} completed`];
}

interface Repeats {
  readonly byTask: number;
  readonly byCall: number;
  /** Calls that were paid for, the first included. */
  readonly calls: number;
  readonly lost: number;
}

function judgePayments(seen: Observation, { callsLostAtMost }: Circumstances) {
  const wrong: string[] = [];
  const payments = new Map(named(seen.events, 'SoundPaid').map(({ data }) => [data.hash, data]));
  const takeovers = takeoversOf(seen.events);
  const callsBefore = callsBeforeTasks(seen.events);
  const costs = { tasksPaidTwice: 0, callsPaidTwice: 0, callsLost: 0, repaid: 0 };
  for (const { data } of named(seen.events, 'ItemRequested')) {
    const { hash } = data;
    const { byTask, byCall, calls, lost } = repeatsOf(seen, data.sound, hash);
    const repaid = payments.get(hash)?.repaid !== undefined;
    const taken = takeovers.get(hash) ?? 0;
    if (byTask > 0) wrong.push(`the sound ${hash} was given ${byTask + 1} tasks`);
    const before = callsBefore.get(hash) ?? calls;
    if (seen.tasks.has(hash) && calls > before)
      wrong.push(`the sound ${hash} was called for ${calls - before} times after it had a task`);
    if (byCall > 0 && !repaid) wrong.push(`the sound ${hash} was called for again, and no event counts it`);
    if (byCall > taken) wrong.push(`${byCall} calls were repeated for ${hash} by ${taken} takeovers`);
    costs.tasksPaidTwice += byTask;
    costs.callsPaidTwice += byCall;
    costs.callsLost += Math.min(lost, byCall);
    costs.repaid += Number(repaid);
  }
  const lostAtMost = callsLostAtMost + timedOut(seen.events);
  if (costs.callsPaidTwice > lostAtMost)
    wrong.push(
      `${costs.callsPaidTwice} calls were paid for twice, where ${lostAtMost} at most had lost their reply; ${reasonsIn(seen.events)}`,
    );
  return { wrong, costs };
}

/** Calls without a whole reply in time, as on a busy machine: the log names each one. */
const timedOut = (events: readonly SetlistEvent[]): number =>
  named(events, 'SoundFreed').filter(({ data }) => data.reason.code === 'call-timeout').length;

/** The log's entries on possible repeats and on freed claims, as a starting point for an investigation. */
function reasonsIn(events: readonly SetlistEvent[]): string {
  const repaid = named(events, 'SoundPaid').flatMap(({ data }) => data.repaid?.because ?? []);
  const freed = named(events, 'SoundFreed').map(({ data }) => `${data.reason.code}: ${data.reason.message}`);
  const list = (names: readonly string[]): string =>
    [...counted(names)].map(([name, times]) => `${times} × ${name}`).join(', ') || 'none';
  return `repaid: ${list(repaid)}; freed: ${list(freed)}`;
}

/** How often the engine was paid for a sound beyond the first time. */
function repeatsOf({ engine, tasks }: Observation, sound: Sound, hash: string): Repeats {
  const key = engineKey(sound);
  const lost = engine.lostSounds[key] ?? 0;
  const paid = (engine.sounds[key] ?? 0) + lost;
  const started = tasks.get(hash) ?? 0;
  const byTask = Math.max(0, started - 1);
  return { byTask, byCall: Math.max(0, paid - 1) - byTask, calls: paid - started, lost };
}

/** By how many claims each sound that was claimed for a task could have been called for before. */
function callsBeforeTasks(events: readonly SetlistEvent[]): Map<string, number> {
  const calls = new Map<string, number>();
  const atFirstTask = new Map<string, number>();
  for (const { data } of named(events, 'SoundClaimed')) {
    const before = calls.get(data.hash) ?? 0;
    if (data.operation === 'synthesize') calls.set(data.hash, before + 1);
    else if (!atFirstTask.has(data.hash)) atFirstTask.set(data.hash, before);
  }
  return atFirstTask;
}

/** The engine's own name for a sound: see its `/_local/stats`. */
const engineKey = ({ text, voice, engine, format }: Sound): string =>
  createHash('sha256').update([text, voice, engine, format].join('\0')).digest('hex');

/** How often each sound was claimed after the first time. A renewal, by the same claimant in time, doesn't count. */
function takeoversOf(events: readonly SetlistEvent[]): Map<string, number> {
  const holders = new Map<string, string>();
  const takeovers = new Map<string, number>();
  for (const event of events) {
    if (event.name === 'SoundFreed' || event.name === 'SoundPaid') holders.set(event.data.hash, 'nobody');
    if (event.name !== 'SoundClaimed') continue;
    const { hash, by, expired } = event.data;
    const holder = `${by}, ${expired} ran out`;
    if ((holders.get(hash) ?? holder) !== holder) takeovers.set(hash, (takeovers.get(hash) ?? 0) + 1);
    holders.set(hash, holder);
  }
  return takeovers;
}

function judgeNotices(
  { events, messageIds, mailFiles }: Observation,
  { channels, mailMayRepeat }: Circumstances,
) {
  const wrong: string[] = [];
  const causes = named(events, 'SetCompleted').map(({ id }) => id);
  for (const channel of channels) {
    const notes = named(events, 'NotificationSent').filter(({ data }) => data.channel === channel);
    if (notes.length !== causes.length || notes.some(({ data }) => !causes.includes(data.cause)))
      wrong.push(`${notes.length} notices by ${channel} are in the log instead of ${causes.length}`);
  }
  const failed = named(events, 'NotificationFailed');
  if (failed.length > 0) wrong.push(`${failed.length} notices failed: ${failed[0]?.data.message}`);
  const different = new Set(messageIds).size;
  if (channels.includes('mail') && different !== causes.length)
    wrong.push(`${different} different mails came instead of ${causes.length}`);
  if (channels.includes('folder') && mailFiles.length !== causes.length)
    wrong.push(`${mailFiles.length} mails are in the folder instead of ${causes.length}`);
  const repeated = messageIds.length - different;
  if (repeated > 0 && !mailMayRepeat) wrong.push(`${repeated} mails came twice`);
  return { wrong, repeated };
}

function counted(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

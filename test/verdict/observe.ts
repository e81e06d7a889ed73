/** Everything observable of a set that has ended: the log, the files, the mails, and the engine's own books. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type EventOf, MANIFEST_FILES, type SetlistEvent, type SetSummary, setKey } from '@setlist/contracts';
import { messageOf } from '@setlist/runtime';
import { type EngineStats, eventually } from '@setlist/testkit';
import { parseBuffer } from 'music-metadata';
import type { System } from '../system.ts';

export interface Observation {
  /** The events since the file was dropped, in the log's order. */
  readonly events: readonly SetlistEvent[];
  /** SHA-256 of each file under the set's names, by its name. */
  readonly files: ReadonlyMap<string, string>;
  /** SHA-256 of each canonical object, by the sound's hash. */
  readonly objects: ReadonlyMap<string, string>;
  /** Audio among them that could not be read, by SHA-256. */
  readonly unreadable: ReadonlyMap<string, string>;
  /** Message-IDs of the mails that came, repeats included. */
  readonly messageIds: readonly string[];
  /** The mails in the folder, by file name. */
  readonly mailFiles: readonly string[];
  /** How often the engine was paid for each sound, over all paths, and how often in vain. */
  readonly engine: Pick<EngineStats, 'sounds' | 'lostSounds'>;
  /** How many tasks the engine has under each sound's hash. */
  readonly tasks: ReadonlyMap<string, number>;
  readonly projection: SetSummary | undefined;
}

export interface SetToSee {
  readonly name: string;
  /** The log's head before its file was dropped. */
  readonly sinceSeq: number;
  /** Message-IDs of all mails that ever came. */
  readonly mailsSoFar: readonly string[];
}

/** Observes everything once. */
export async function observe(
  system: System,
  { name, sinceSeq, mailsSoFar }: SetToSee,
): Promise<Observation> {
  const events = await eventsSince(system, sinceSeq);
  const requested = events.filter((event) => event.name === 'ItemRequested');
  const setId = requested[0]?.setId ?? '';
  const audio = new Map<string, Uint8Array>();
  const files = await hashesIn(join(system.output, name), (file) => file, audio);
  const objects = await objectsOf(system, requested, audio);
  const unreadable = new Map<string, string>();
  for (const [sha256, bytes] of audio) {
    const fault = await audioFault(bytes);
    if (fault !== undefined) unreadable.set(sha256, fault);
  }
  return {
    events,
    files,
    objects,
    unreadable,
    messageIds: mailsSoFar.filter((id) => id.includes(setId)),
    mailFiles: (await system.mails()).filter((file) => file.startsWith(`${setId}.`)),
    engine: await system.engineStats(),
    tasks: await tasksOf(system, new Set(requested.map(({ data }) => data.hash))),
    projection: (await system.log.sets.get<SetSummary>(setKey(setId)))?.value,
  };
}

async function eventsSince(system: System, seq: number): Promise<SetlistEvent[]> {
  const events: SetlistEvent[] = [];
  for await (const { event, problem, seq: at } of system.log.read({ from: seq + 1 })) {
    if (!event) throw new Error(`message ${at} is no event: ${problem?.message}`);
    events.push(event);
  }
  return events;
}

const MANIFESTS: ReadonlySet<string> = new Set(Object.values(MANIFEST_FILES));

/** The visible audio of a folder; a killed writer can leave hidden files behind. */
async function hashesIn(
  folder: string,
  nameOf: (file: string) => string,
  audio: Map<string, Uint8Array>,
): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  for (const file of await readdir(folder)) {
    if (!file.startsWith('.') && !MANIFESTS.has(file))
      hashes.set(nameOf(file), await hashOf(join(folder, file), audio));
  }
  return hashes;
}

async function hashOf(path: string, audio: Map<string, Uint8Array>): Promise<string> {
  const bytes = await readFile(path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  audio.set(sha256, bytes);
  return sha256;
}

async function objectsOf(
  system: System,
  requested: readonly EventOf<'ItemRequested'>[],
  audio: Map<string, Uint8Array>,
): Promise<Map<string, string>> {
  const folder = join(system.store, 'audio');
  const wanted = new Set(requested.map(({ data }) => data.hash));
  const hashes = new Map<string, string>();
  for (const file of await readdir(folder)) {
    const hash = basename(file).split('.')[0] ?? '';
    if (wanted.has(hash)) hashes.set(hash, await hashOf(join(folder, file), audio));
  }
  return hashes;
}

async function audioFault(bytes: Uint8Array): Promise<string | undefined> {
  try {
    const { format } = await parseBuffer(bytes, undefined, { duration: true });
    return (format.duration ?? 0) > 0 ? undefined : 'it has no duration';
  } catch (error) {
    return messageOf(error);
  }
}

interface TaskPage {
  readonly SynthesisTasks: ReadonlyArray<{ readonly OutputUri: string }>;
  readonly NextToken?: string;
}

/** The tasks by sound. Lists are newest first: pages are read until one has none of these sounds. */
async function tasksOf(system: System, hashes: ReadonlySet<string>): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (let token: string | undefined = ''; token !== undefined; ) {
    const query = new URLSearchParams({ MaxResults: '100', ...(token && { NextToken: token }) });
    // The engine can still be set to refuse some requests, including this one.
    const reply = await eventually(async () => {
      const answer = await fetch(`${system.engineUrl}/v1/synthesisTasks?${query}`);
      return answer.ok && answer;
    });
    const { SynthesisTasks, NextToken } = (await reply.json()) as TaskPage;
    const found = SynthesisTasks.flatMap(({ OutputUri }) => /[0-9a-f]{64}/.exec(OutputUri) ?? []);
    const ours = found.filter((hash) => hashes.has(hash));
    for (const hash of ours) counts.set(hash, (counts.get(hash) ?? 0) + 1);
    token = ours.length > 0 ? NextToken : undefined;
  }
  return counts;
}

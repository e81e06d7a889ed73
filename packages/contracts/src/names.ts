/** Every name on the broker (streams, subjects, durables, buckets) is spelt here and nowhere else. */
import type { Provider } from './sound.ts';

const EVENTS_ROOT = 'setlist.events';
const SOUNDS_ROOT = 'setlist.sounds';
const COMMANDS_ROOT = 'setlist.commands';
const QUERIES_ROOT = 'setlist.queries';
const PERMITS_ROOT = 'setlist.permits';

/** The log: everything that ever happened, payments included. Nothing in it is deleted. */
export const EVENTS_STREAM = 'SETLIST_EVENTS';
/** The subjects that the log's stream captures. */
export const EVENTS_STREAM_SUBJECTS = [`${EVENTS_ROOT}.>`, `${SOUNDS_ROOT}.*`];
/** Circulating tokens that cap concurrent calls; worthless after a minute. */
export const PERMITS_STREAM = 'SETLIST_PERMITS';
export const PERMITS_STREAM_SUBJECTS = [`${PERMITS_ROOT}.>`];
/** Key-value bucket of the projections of sets. */
export const SETS_BUCKET = 'SETLIST_SETS';
/**
 * Key-value bucket of what processes agree on: shared quotas, the broker's clock, leases of drops, reservations under the
 * monthly cap, and the log's id. It keeps the name of the first of these, which it has on brokers that exist.
 */
export const COORDINATION_BUCKET = 'SETLIST_QUOTA';
/** Key-value bucket of writes that must not take effect twice, nor overwrite a later one; each expires after a day. */
export const REQUESTS_BUCKET = 'SETLIST_REQUESTS';

/** The streams behind {@link SETS_BUCKET} and {@link REQUESTS_BUCKET}: each bucket is a stream. */
export const SETS_BUCKET_STREAM = `KV_${SETS_BUCKET}`;
export const REQUESTS_BUCKET_STREAM = `KV_${REQUESTS_BUCKET}`;

/** Subject of a request to the broker for a snapshot of a stream. */
export const snapshotStreamSubject = (stream: string): string => `$JS.API.STREAM.SNAPSHOT.${stream}`;
/** Subject of a request to the broker to restore a stream from a snapshot. */
export const restoreStreamSubject = (stream: string): string => `$JS.API.STREAM.RESTORE.${stream}`;

/** Subjects of the log. In a filter, `*` can replace a set, lane or hash. */
export const subjects = {
  /** Items requested by ingest or by a retry; a lane is an engine. */
  requested: (setId: string, lane: string) => `${EVENTS_ROOT}.${setId}.requested.${lane}`,
  /** One outcome for each attempt of each item, completed or failed. */
  outcome: (setId: string, lane: string, index: number | '*', attempt: number | '*') =>
    `${EVENTS_ROOT}.${setId}.outcome.${lane}.${index}.${attempt}`,
  /** The events of a set's life, from acceptance or rejection on. */
  state: (setId: string) => `${EVENTS_ROOT}.${setId}.state`,
  /** One notice for each causing event and channel. */
  notice: (setId: string, cause: string, channel: string) =>
    `${EVENTS_ROOT}.${setId}.notice.${subjectToken(cause)}.${subjectToken(channel)}`,
  /** Every notice of one set. */
  notices: (setId: string) => `${EVENTS_ROOT}.${setId}.notice.*.*`,
  /** Every event of one set. */
  ofSet: (setId: string) => `${EVENTS_ROOT}.${setId}.>`,
  /** Every event of every set. */
  ofAllSets: () => `${EVENTS_ROOT}.>`,
  /** The ledger: the last event on a sound's subject says who paid for it. */
  sound: (hash: string) => `${SOUNDS_ROOT}.${hash}`,
} as const;

/** The set that a subject of {@link subjects.ofAllSets} belongs to. Throws a `RangeError` for any other subject. */
export function setOfSubject(subject: string): string {
  const set = subject.startsWith(`${EVENTS_ROOT}.`) && subject.slice(EVENTS_ROOT.length + 1).split('.', 1)[0];
  if (!set) throw new RangeError(`${subject} is not a subject of a set`);
  return set;
}

/** Request and reply: commands to the tracker. */
export const commandSubject = (verb: string): string => `${COMMANDS_ROOT}.${verb}`;
/** Request and reply: the digests of lexicons. Only dispatchers that serve the provider answer. */
export const lexiconsSubject = (provider: Provider): string => `${QUERIES_ROOT}.lexicons.${provider}`;
/** Request and reply: whether a replica of ingest is there, that holds something by {@link dropLeaseKey}. */
export const replicaSubject = (replica: string): string => `${QUERIES_ROOT}.ingest.${subjectToken(replica)}`;

/** The durable consumer from which dispatchers take the work of one set and lane. */
export const workDurable = (setId: string, lane: string): string => `work_${setId}_${lane}`;
/** The set and lane of a work durable, or undefined if the name is another durable's. */
export const parseWorkDurable = (durable: string): { setId: string; lane: string } | undefined => {
  const match = /^work_([A-Za-z0-9-]+)_([a-z-]+)$/.exec(durable);
  return match?.[1] && match[2] ? { setId: match[1], lane: match[2] } : undefined;
};
/** The notifier's durable consumer of the sets' life events. */
export const NOTIFIER_DURABLE = 'notifier';
/** The trackers' durable consumer of the sets' life events; it drives the writing of manifests. */
export const MANIFESTS_DURABLE = 'manifests';

/** Key of a set's summary in {@link SETS_BUCKET}. */
export const setKey = (setId: string): string => `set.${setId}`;
/** Key of a page of a set's items in {@link SETS_BUCKET}. */
export const itemsPageKey = (setId: string, page: number): string => `items.${setId}.${page}`;
/** Every page of a set's items, as a key filter. */
export const itemsPageKeys = (setId: string): string => `items.${setId}.*`;
/** Key in {@link SETS_BUCKET} of the position up to which the tracker has folded the log. */
export const POSITION_KEY = 'position';
/** Every set's summary, as a key filter. */
export const ALL_SETS_KEYS = 'set.*';

/** Key of one shared quota in {@link COORDINATION_BUCKET}. */
export const quotaKey = (provider: string, engine: string, operation: string): string =>
  `${provider}.${engine}.${operation}`;
/** Key in {@link COORDINATION_BUCKET} of the costs that are reserved for sets which the log may not show yet. */
export const RESERVATIONS_KEY = 'promises';
/** Key in the same bucket of a random id that tells this log from others; unlike the log, it is in no backup. */
export const LOG_ID_KEY = 'log';
/** The number of clock keys: connection ids only grow and a key is never removed, so ids share keys. */
const CLOCK_KEYS = 100;
/** Key in the same bucket that a process puts to read the broker's clock; several processes can share one. */
export const clockKey = (clientId: number): string => `clock.${clientId % CLOCK_KEYS}`;
/** Key in {@link COORDINATION_BUCKET} by which one ingest replica leases a drop while it handles it. */
export const dropLeaseKey = (drop: string): string => `claim.${subjectToken(drop)}`;
/** Key of one write in {@link REQUESTS_BUCKET}, by the hash of the caller and the caller's key. */
export const requestKey = (id: string): string => `request.${subjectToken(id)}`;
/** Key in {@link REQUESTS_BUCKET} of the newest manifest written to a place, by the hash of that place. */
export const manifestPlaceKey = (id: string): string => `manifest.${subjectToken(id)}`;
/** Subject of the tokens that cap concurrent calls. */
export const permitSubject = (provider: string, engine: string, operation: string): string =>
  `${PERMITS_ROOT}.${provider}.${engine}.${operation}`;
/** Durable consumer of those tokens. */
export const permitDurable = (provider: string, engine: string, operation: string): string =>
  `permit_${provider}_${engine}_${operation}`;

/** Makes any text a single token of a subject, as readable as possible. */
function subjectToken(text: string): string {
  return text.replace(/[^A-Za-z0-9_-]/g, '-');
}

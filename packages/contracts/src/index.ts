/** What every part of Setlist agrees on: sounds, events, projections and the names on the broker. */
export { AUDIO_PREFIX, hashOfAudioKey, namesItsAudio } from './audio-key.ts';
export {
  COMMANDS,
  type Command,
  type CommandAnswer,
  commandAnswer,
  MAX_RETRY_INDEXES,
  VERBS,
  type Verb,
} from './commands.ts';
export { type Digest, DigestTable, digestOf } from './digest-table.ts';
export { EVENTS, type EventData, type EventName, type EventOf, type SetlistEvent } from './events/catalog.ts';
export {
  decodeEvent,
  type EventContext,
  encodeEvent,
  isByItsAuthor,
  MAX_EVENT_BYTES,
  newEvent,
  subjectOf,
  type Undecodable,
} from './events/codec.ts';
export { SOURCES, schemaUri, versionedType } from './events/define.ts';
export {
  type Counts,
  type FailedItem,
  HOW,
  type ItemAttempt,
  PRIORITIES,
  type Priority,
  type Reason,
  type SetHeader,
} from './events/parts.ts';
export { stallId } from './events/set-events.ts';
export { isRunId, runId, runOfSet, setId } from './ids.ts';
export {
  MANIFEST_FILES,
  MANIFEST_SCHEMA,
  MANIFEST_TYPES,
  type Manifest,
  type ManifestHeader,
  type ManifestItem,
  manifestHeaderSchema,
  manifestKeys,
  manifestSchema,
} from './manifest.ts';
export {
  ALL_SETS_KEYS,
  COORDINATION_BUCKET,
  clockKey,
  commandSubject,
  dropLeaseKey,
  EVENTS_STREAM,
  EVENTS_STREAM_SUBJECTS,
  itemsPageKey,
  itemsPageKeys,
  LOG_ID_KEY,
  lexiconsSubject,
  MANIFESTS_DURABLE,
  manifestPlaceKey,
  NOTIFIER_DURABLE,
  PERMITS_STREAM,
  PERMITS_STREAM_SUBJECTS,
  POSITION_KEY,
  parseWorkDurable,
  permitDurable,
  permitSubject,
  quotaKey,
  REQUESTS_BUCKET,
  REQUESTS_BUCKET_STREAM,
  RESERVATIONS_KEY,
  replicaSubject,
  requestKey,
  restoreStreamSubject,
  SETS_BUCKET,
  SETS_BUCKET_STREAM,
  setKey,
  setOfSubject,
  snapshotStreamSubject,
  subjects,
  workDurable,
} from './names.ts';
export { checkObjectKey, foldersOf, foldObjectKey, type ObjectKeyProblem } from './object-key.ts';
export {
  ITEMS_PER_PAGE,
  type ItemRow,
  type ItemsPage,
  itemRowSchema,
  itemsPageSchema,
  MAX_ITEMS,
  MOST_ROW_BYTES,
  newestFirst,
  type SetPlace,
  type SetSummary,
  setSummarySchema,
} from './projections.ts';
export { type LexiconAnswer, type LexiconQuestion, lexiconAnswer, lexiconQuestion } from './queries.ts';
export { REPORT_ENDINGS, reportKeys, shortFileName, splitFileName } from './report-keys.ts';
export {
  beginsSet,
  type EndState,
  endsSet,
  hasEnded,
  hasManifest,
  isOpen,
  type SetState,
} from './set-state.ts';
export { type FilesPlace, mayShareFiles } from './shared-files.ts';
export { PROVIDERS, type Provider, type Sound, soundHash } from './sound.ts';
export { isDay } from './text/calendar.ts';
export { fileNameOfUri } from './text/file-name-of-uri.ts';
export { jsonIn } from './text/json-in.ts';
export { slugify } from './text/slug/slugify.ts';
export { uriDecoded } from './text/uri-decoded.ts';
export { countOf, dollars, duration, grouped, quote, shellWord } from './text/wording.ts';

/** What every part of Setlist agrees on: set files, sounds, events, projections and the names on the broker. */
export {
  EVENTS,
  type EventData,
  type EventName,
  type EventOf,
  type SetlistEvent,
} from './events/catalog.ts';
export {
  type Decoded,
  decodeEvent,
  type EventContext,
  encodeEvent,
  MAX_EVENT_BYTES,
  newEvent,
  subjectOf,
  type Undecodable,
} from './events/codec.ts';
export { type Source, schemaUri, versionedType } from './events/define.ts';
export { eventJsonSchema } from './events/json-schema.ts';
export {
  type Counts,
  type FailedItem,
  type ItemAttempt,
  PRIORITIES,
  type Priority,
  type Reason,
  type SetHeader,
} from './events/parts.ts';
export { liftToNewest } from './events/upcast.ts';
export { isRunId, runId, runOfSet, setId } from './ids.ts';
export * from './names.ts';
export { checkObjectKey, foldObjectKey } from './object-key.ts';
export {
  ITEM_STATES,
  ITEMS_PER_PAGE,
  type ItemRow,
  type ItemsPage,
  itemsPageSchema,
  SET_STATES,
  type SetState,
  type SetSummary,
  setSummarySchema,
} from './projections.ts';
export {
  LEXICONS_QUESTION,
  type LexiconAnswer,
  type LexiconQuestion,
  lexiconAnswer,
  lexiconQuestion,
} from './queries.ts';
export { PROVIDERS, type Provider, type Sound, soundHash, soundSchema } from './sound.ts';

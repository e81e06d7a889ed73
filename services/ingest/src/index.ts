/** From a dropped set file to a set in the log; and the plan of a set, for whoever wants to know before dropping it. */
export { InboxUnusable, placeClaimed } from './adapters/inbox.ts';
export { LexiconsUnknown, lexiconDigests, paidAmong } from './adapters/ledger.ts';
export { type ParseSetFile, parseOffThread } from './adapters/parse-off-thread.ts';
export { config, type IngestConfig, type IngestSettings } from './config.ts';
export { checkDoor, type Door, type DoorCheck } from './domain/check-door.ts';
export type { Drop } from './domain/drop.ts';
export { type Place, type Places, placesIn } from './domain/places.ts';
export {
  costOfUnpaid,
  LexiconMissing,
  type PlannedItem,
  type PlanTerms,
  plannedItems,
  planSet,
  type SetPlan,
  type SoundTerms,
} from './domain/plan-set.ts';
export { type Prices, pricesFor } from './domain/prices.ts';
export { createIngest, type Ingest, type IngestDeps, startIngest } from './service.ts';

/** The tracker: the only one to say what state a set is in. */
export { manifestCsv } from './adapters/manifest-csv.ts';
export { type LoggedManifest, manifestInLog } from './adapters/manifest-in-log.ts';
export { putManifest } from './adapters/put-manifest.ts';
export { type TrackerSettings, trackerConfig } from './config.ts';
export { type Chain, EMPTY_CHAIN, extendChain } from './domain/chain.ts';
export { decide } from './domain/decide.ts';
export { evolve } from './domain/evolve.ts';
export { type ItemEvent, itemEventOf, pageOf, rowOf } from './domain/item-row.ts';
export type { LogRecord } from './domain/log-record.ts';
export { manifestJson, readManifestHeader } from './domain/manifest-json.ts';
export { rebuildProjections } from './rebuild-projections.ts';
export { createTracker, type Tracker } from './service.ts';

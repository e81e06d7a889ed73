/** What a set's events add up to: its summary and its items, the projections that keep them, and its manifest. */
export { type Chain, EMPTY_CHAIN, extendChain } from './fold/chain.ts';
export { completionOf, progressOf } from './fold/completion.ts';
export { evolve, pageOfRecord, type SetState } from './fold/evolve.ts';
export { FOLD_VERSION } from './fold/fold-version.ts';
export { type ItemEvent, itemEventOf, pageOf, rowOf } from './fold/item-row.ts';
export type { LogRecord } from './fold/log-record.ts';
export { FAILURES_SHOWN } from './fold/progress.ts';
export { manifestCsv } from './manifest/manifest-csv.ts';
export { type LoggedManifest, manifestInLog } from './manifest/manifest-in-log.ts';
export { manifestJson, readManifestHeader } from './manifest/manifest-json.ts';
export { nextLookMs } from './manifest/next-look.ts';
export { putManifest } from './manifest/put-manifest.ts';
export { beginningOf } from './projections/beginning-of.ts';
export { Projections } from './projections/projections.ts';
export { ProjectionsLost, ProjectionsWentBack } from './projections/projections-lost.ts';
export { rebuildProjections } from './projections/rebuild-projections.ts';
export { deleteProjections, expectOfThisLog, takeStock } from './projections/take-stock.ts';

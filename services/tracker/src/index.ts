/** The tracker: the only one to say what state a set is in. */
export { type TrackerConfig, type TrackerSettings, trackerConfig } from './config.ts';
export { type Chain, EMPTY_CHAIN, extendChain } from './domain/chain.ts';
export { decide, type Finding, type Moment } from './domain/decide.ts';
export { evolve, pageOfRecord, type SetState } from './domain/evolve.ts';
export type { LogRecord } from './domain/log-record.ts';
export { type ProjectedSet, projectSet } from './domain/project-set.ts';
export { createTracker, type Tracker, type TrackerDependencies } from './service.ts';

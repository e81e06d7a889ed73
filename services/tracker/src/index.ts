/** The tracker: the only one to say what state a set is in. */
export { type TrackerSettings, trackerConfig } from './config.ts';
export { createTracker } from './service.ts';

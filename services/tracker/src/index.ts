/** The tracker: the only service that decides a set's state. */
export { type TrackerSettings, trackerConfig } from './config.ts';
export { createTracker } from './service.ts';

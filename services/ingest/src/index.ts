/** From a dropped set file to a set in the log. */
export { takeInboxes } from './adapters/one-log.ts';
export { ingestConfig } from './config.ts';
export { createIngest, type IngestDeps, openPlaces } from './service.ts';

/** From a dropped set file to a set in the log. */
export { config } from './config.ts';
export { createIngest, type IngestDeps, openPlaces } from './service.ts';

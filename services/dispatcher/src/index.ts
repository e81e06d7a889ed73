/** The dispatcher as a part: for its own process, and for the command line that runs everything in one. */

export { missingCredentials } from './adapters/credentials.ts';
export { type Adoption, adopt, inspect, type Offer, type Standing, soundStanding } from './adopt/adopt.ts';
export { type Removal, removeLeftOvers, removeUnused } from './collect/remove.ts';
export { type LeftOver, type Survey, surveyStore, type UnusedSound } from './collect/survey.ts';
export { removeTaskLeftOvers, type TaskBucket, taskLeftOvers } from './collect/task-left-overs.ts';
export { config } from './config.ts';
export { createDispatcher } from './service.ts';

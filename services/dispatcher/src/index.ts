/** The dispatcher as a part: for its own process, and for the command line that runs everything in one. */
export {
  type Adoption,
  type AdoptionDesk,
  adopt,
  inspect,
  type Offer,
  type Standing,
  soundStanding,
} from './adopt/adopt.ts';
export { type Removal, removeLeftOvers, removeUnused } from './collect/remove.ts';
export {
  type CollectionDesk,
  type LeftOver,
  type Survey,
  type SurveyTerms,
  surveyStore,
  type UnusedSound,
} from './collect/survey.ts';
export { removeTaskLeftOvers, type TaskBucket, taskLeftOvers } from './collect/task-left-overs.ts';
export { config, type DispatcherConfig } from './config.ts';
export { createDispatcher, type Dispatcher, type DispatcherDeps } from './service.ts';

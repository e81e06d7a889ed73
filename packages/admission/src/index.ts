/** What a set file would make and cost, and how it is handed over: for ingest, and for checks beforehand. */
export { charactersToPay } from './adapters/known-sounds.ts';
export { LexiconsUnknown, lexiconDigests } from './adapters/lexicons.ts';
export { contentOfFile, lookAt, NoPlainFile, openPlainFile, refuseNoFile } from './adapters/local-file.ts';
export { MonthSpending } from './adapters/month-spending.ts';

export { LARGE_BYTES, openSetFile, wholeSet } from './adapters/open-set-file.ts';
export { CLAIMED_FOLDER, PLACED_FOLDER, placeSetFile, takeBack, undoneDrops } from './adapters/place.ts';
export {
  type CheckedSetFile,
  FileChanged,
  type LocalFile,
  type OpenSetFile,
  type OpensSetFiles,
  type ValidSetFile,
} from './adapters/set-file.ts';
export { StoredAudio } from './adapters/stored-audio.ts';
export { dropName, fileNameOf, isBucketSetFile, runOfFile } from './domain/bucket-file.ts';
export { checkDoor, checkKnownDoor, type KnownDoor, namesTooManyLexicons } from './domain/check-door.ts';
export { checkMoney } from './domain/check-money.ts';
export {
  type Drop,
  dropOf,
  dropOfEntry,
  extensionOf,
  isReport,
  isSetFile,
  nameWithoutExtension,
  nameWithRun,
} from './domain/drop.ts';
export {
  type PlannedItem,
  plannedItem,
  plannedItems,
  planSet,
  type SetPlan,
  type SoundTerms,
} from './domain/plan-set.ts';
export { type Characters, NO_CHARACTERS, pricesFor, sumOf } from './domain/prices.ts';
export { type RunOptions, type RunTerms, runOptions, termsOf } from './domain/run-options.ts';
export type { Position } from './domain/spending.ts';
export type { SetSurvey } from './domain/survey.ts';
export { COMPAT_HINT, doorOf, doorSettings } from './door-settings.ts';
export { inboxPlaces, isBucket, requireApart, watchedAt } from './inbox-places.ts';
export { moneyConfig, moneySettings, tariffOf } from './money-settings.ts';
export { PLAN_STATES, type PlanState } from './plan/compare.ts';
export { digestsOf, type Plan, planOf } from './plan/plan.ts';
export { overLimitTogether } from './plan/together.ts';

/** From a dropped set file to a set in the log; and the plan of a set, for whoever wants to know before dropping it. */
export { InboxUnusable, type Placement, placeClaimed } from './adapters/inbox.ts';
export { LexiconsUnknown, lexiconDigests, paidAmong } from './adapters/ledger.ts';
export { MonthLedger } from './adapters/month-ledger.ts';
export { openSetFile } from './adapters/open-set-file.ts';
export { contentOfFile, lookAt } from './adapters/read-drop.ts';
export type { CheckedSetFile, LocalFile, OpenSetFile, OpensSetFiles } from './adapters/set-file.ts';
export { config, type IngestConfig, type IngestSettings } from './config.ts';
export { type Applicant, checkDoor, type Door, type DoorCheck } from './domain/check-door.ts';
export { type Account, checkMoney } from './domain/check-money.ts';
export type { Drop } from './domain/drop.ts';
export {
  LexiconMissing,
  type PlannedItem,
  plannedItem,
  type SoundTerms,
  secondsFor,
} from './domain/plan-set.ts';
export {
  type Characters,
  costOfMonth,
  costOnTop,
  NO_CHARACTERS,
  type Prices,
  pricesFor,
  sumOf,
  type Tariff,
} from './domain/prices.ts';
export { type RunOptions, type RunTerms, termsOf } from './domain/run-options.ts';
export type { Position } from './domain/spending.ts';
export type { SetSurvey } from './domain/survey.ts';
export { type MoneySettings, moneyConfig } from './money-settings.ts';
export { createIngest, type Ingest, type IngestDeps, startIngest } from './service.ts';

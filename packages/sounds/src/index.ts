/** A sound's life in the log and its audio in the store: its state, adoption by users, and removal of unused audio. */
export { type Adoption, adopt, inspect, type Offer, type Standing, soundStanding } from './adopt/adopt.ts';
export { AudioUnusable, CUT_OFF, checkAudio, checkCallAudio, UNUSABLE_AUDIO } from './audio/audio-check.ts';
export { type Removal, removeLeftOvers, removeUnused } from './collect/remove.ts';
export { type LeftOver, type Survey, surveyStore, type UnusedSound } from './collect/survey.ts';
export { removeTaskLeftOvers, type TaskBucket, taskLeftOvers } from './collect/task-left-overs.ts';
export { canonicalKey, probeKey, taskKeyPrefix } from './domain/places.ts';
export {
  type ClaimRight,
  decideSound,
  isTooLongForCall,
  RIGHT_TO_NEW,
  rightToRepay,
  type SoundDecision,
  type Wanted,
} from './domain/sound-decision.ts';
export {
  type Again,
  CUT_OFF_AUDIO,
  type LostTask,
  lastClaimOf,
  type PaidSound,
  type PaidState,
  type SoundState,
} from './domain/sound-life.ts';
export { noteCollected } from './ledger/by-hand.ts';
export { paymentAt, readSound, standingPayment } from './ledger/payments.ts';

/** Looking back over the log: replay, verification, the state as of a moment, archives. */

export { exportSet, type Holds } from './archive/export-set.ts';
export { formerArchive } from './archive/former-archive.ts';
export { type ArchiveVerdict, verifyArchive } from './archive/verify-archive.ts';
export { allSetsAsOf, setAsOf } from './as-of.ts';
export { type BackedUp, type Backup, backUp, readBackup, restoreBackup } from './backup/backup.ts';
export { beginGeneration, forgetProjections } from './backup/generation.ts';
export { type KeptBack, setsToArchive } from './backup/sets-to-archive.ts';
export { Shadow } from './fold/shadow.ts';
export { ShadowSet } from './fold/shadow-set.ts';
export { Snapshots } from './fold/snapshots.ts';
export { type Moment, parseMoment } from './moment.ts';
export { concernsRepair, type Repaired, repair } from './repair.ts';
export { eventTypeOf } from './replay/event-types.ts';
export { type ReplayOptions, replay } from './replay/replay.ts';
export { placeOfHead } from './verify/chain-of.ts';
export { type FaultCode, type Finding, NOTES, REMEDIES, UNCHECKED } from './verify/finding.ts';
export { type Verdict, type VerifyOptions, verify } from './verify/verify.ts';

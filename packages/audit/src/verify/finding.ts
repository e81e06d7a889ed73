/** What an audit can find, each with a code of its own and what to do about it. */

const RESTORE =
  'Events are never mended: restore the newest backup that passes "setlist audit verify", or keep the log and this report.';
const REPAIR = 'Run "setlist audit verify --repair": it is made anew from the log, and nothing is paid.';
const RERUN =
  'Run the set file again: only what is missing is made, and only a sound whose own audio is gone is paid for again.';
const REMAKE =
  'It is noticed when the sound is next wanted, and made again, paid for and counted as `repaid`.';
const REKEEP =
  'Run the set file again, the very bytes that were handed in: it is kept anew, and nothing is paid again.';

/** By code: its remedy. The first group can't come of Setlist itself: somebody changed the log, or it was damaged. */
export const REMEDIES = {
  'sequence-gap': RESTORE,
  'unreadable-event': RESTORE,
  'unknown-event': 'If a newer Setlist wrote it, use that version of "setlist"; otherwise restore a backup.',
  'invalid-event': RESTORE,
  'event-repeated': RESTORE,
  'request-contradicted': RESTORE,
  'event-misplaced': RESTORE,
  'id-unexplained': RESTORE,
  'event-before-set': RESTORE,
  'request-outside-set': RESTORE,
  'sound-contradicted': RESTORE,
  'acceptance-contradicted': RESTORE,
  'attempt-unexplained': RESTORE,
  'outcome-without-request': RESTORE,
  'outcome-twice': RESTORE,
  'outcome-differs': RESTORE,
  'state-unexplained': RESTORE,
  'completion-contradicted': RESTORE,
  'chain-broken': RESTORE,
  'notice-without-cause': RESTORE,
  'paid-without-claim': RESTORE,
  'paid-twice': RESTORE,
  'step-without-claim': RESTORE,
  'claim-out-of-turn': RESTORE,
  'completed-unpaid': RESTORE,
  'billed-otherwise': RESTORE,
  'head-unknown':
    'The log holds other events than when that head was sent: keep the message, and compare with a backup of its day.',
  'archive-damaged': 'The archive was changed or cut short: export the set again, or fetch the file again.',
  'projection-missing': REPAIR,
  'projection-differs': REPAIR,
  'projection-contradicts':
    'The log or the projection was rewritten. Compare the head with that of the mail, or with a backup. "--repair" leaves projections as they are meanwhile: restore a backup, or, where the log is right, delete the bucket SETLIST_SETS, and the tracker makes it anew.',
  'projection-behind': REPAIR,
  'projection-ahead':
    'It knows of events that the log has lost: restore the newest backup that holds them, or run "setlist audit verify --repair" to go by the log.',
  'projection-orphaned': REPAIR,
  'manifest-missing': REPAIR,
  'manifest-differs': REPAIR,
  'snapshot-differs':
    'It is a cache: "setlist audit verify --repair" deletes it with all others, and they are made anew on its way.',
  'file-missing': RERUN,
  'file-size': RERUN,
  'file-damaged': RERUN,
  'setfile-missing': `${REKEEP} Until then archives of the set are made without it.`,
  'setfile-damaged': `Delete it. ${REKEEP} Until then archives of the set are made without it.`,
  'sound-missing': REMAKE,
  'sound-size': REMAKE,
  'sound-damaged': REMAKE,
} as const;
export type FaultCode = keyof typeof REMEDIES;

/** Worth knowing, and no fault. */
export const NOTES = {
  'request-repeated':
    'Nothing to do: an ingest or tracker that died, or was cut off from the broker, had asked already, and repeats change nothing.',
  'clock-went-back': 'Nothing to do: keep the clocks of the broker’s hosts in step.',
  'repaid-unsaid':
    'Nothing to do: it is counted in full, and an earlier version of Setlist did not say `repaid` of such a payment.',
  'tracker-behind': 'Nothing to do: the tracker catches up when it runs; verify again then.',
  'still-moving': 'Nothing to do: the set changes while it is looked at; verify again when it has ended.',
  'snapshot-not-kept':
    'Nothing is wrong with the log. Make the data folder writable: without snapshots a look at the past takes longer.',
  'file-left-out':
    'Nothing is wrong with the archive: when it was made, this audio was gone, or a later run had written its file.',
  'store-unreachable': 'Make the store reachable from here and verify again.',
} as const;
export type NoteCode = keyof typeof NOTES;

/** Where something was found, as far as it has a place there. */
export interface Where {
  readonly seq?: number;
  readonly subject?: string;
  readonly set?: string;
  readonly item?: number;
  readonly sound?: string;
  /** Key of a projection. */
  readonly key?: string;
  /** Object key of a file, or a path. */
  readonly file?: string;
}

export interface Finding {
  readonly code: FaultCode | NoteCode;
  /** A note alone leaves the audit clean. */
  readonly level: 'fault' | 'note';
  readonly where: Where;
  readonly what: string;
  readonly remedy: string;
}

/** Takes each finding as it is made. */
export type Report = (finding: Finding) => void;

export const fault = (code: FaultCode, where: Where, what: string): Finding => ({
  code,
  level: 'fault',
  where,
  what,
  remedy: REMEDIES[code],
});

export const note = (code: NoteCode, where: Where, what: string): Finding => ({
  code,
  level: 'note',
  where,
  what,
  remedy: NOTES[code],
});

/** A fault or a note, by its code. */
export const finding = (code: FaultCode | NoteCode, where: Where, what: string): Finding =>
  isNote(code) ? note(code, where, what) : fault(code, where, what);

const isNote = (code: FaultCode | NoteCode): code is NoteCode => Object.hasOwn(NOTES, code);

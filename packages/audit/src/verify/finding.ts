/** Everything an audit can find: each finding has its own code and remedy. */

const RESTORE =
  'Events are never repaired: restore the newest backup that passes "setlist audit verify", or keep the log and this report.';
const REPAIR =
  'Run "setlist audit verify --repair" with the same options: it is rebuilt from the log, and nothing is paid for.';
const RERUN =
  'Run the set file again: only missing files are made, and a sound is paid for again only if its own audio is gone too.';
const REMAKE =
  'Nothing to do: the next item that needs the sound notices this; it is made and paid for again, counted as `repaid`.';
const REKEEP =
  'Run the same set file again, byte for byte: it is stored again, and nothing is paid for again.';

/** The remedy for each fault. Setlist itself can't cause the first group: the log was changed or damaged. */
export const REMEDIES = {
  'sequence-gap': RESTORE,
  'unreadable-event': RESTORE,
  'unknown-event':
    'If a newer version of Setlist wrote it, use that version of "setlist"; otherwise restore a backup.',
  'invalid-event': RESTORE,
  'event-repeated': RESTORE,
  'request-contradicted': RESTORE,
  'event-misplaced': RESTORE,
  'id-unexplained': RESTORE,
  'source-unexplained': RESTORE,
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
    'The events have changed since that head was sent: keep the message, and compare with a backup from that day.',
  'archive-damaged': 'The archive was changed or truncated: export the set again, or fetch the file again.',
  'projection-missing': REPAIR,
  'projection-differs': REPAIR,
  'projection-contradicts':
    'The log or the projection was rewritten: to tell which, compare both heads with the one in the mail, or with a backup. If the log is wrong, restore a backup; if it is right, stop the tracker, delete the projections with "nats kv del SETLIST_SETS --server $NATS_URL" (those of a data folder with "rm -r \'.setlist/broker/jetstream/$G/streams/KV_SETLIST_SETS\'"), and start it again: it rebuilds them. "--repair" rebuilds no projection until this is resolved.',
  'projection-behind': REPAIR,
  'projection-ahead':
    'It includes events that the log has lost: restore the newest backup that holds them, or run "setlist audit verify --repair" with the same options to accept the log as it is.',
  'projection-orphaned': REPAIR,
  'manifest-missing': REPAIR,
  'manifest-differs': REPAIR,
  'snapshot-differs':
    'Snapshots are a cache: "setlist audit verify --repair" with the same options deletes all of them and makes new ones.',
  'file-missing': RERUN,
  'file-size': RERUN,
  'file-damaged': RERUN,
  'setfile-missing': `${REKEEP} Until then, archives of the set leave it out.`,
  'setfile-damaged': `Delete it. ${REKEEP} Until then, archives of the set leave it out.`,
  'sound-missing': REMAKE,
  'sound-size': REMAKE,
  'sound-damaged': REMAKE,
} as const;
export type FaultCode = keyof typeof REMEDIES;

/** The remedy for each note: worth knowing, but not a fault. */
export const NOTES = {
  'request-repeated':
    'Nothing to do: an ingest or tracker crashed, or lost the broker, after making this request; repeats have no effect.',
  'requests-missing':
    'Nothing to do while ingest requests them, or if it was interrupted: it continues when it runs. If nobody requests them any more, as after a restore: cancel the set and submit its file again.',
  'clock-went-back': 'Nothing to fix in the log: keep the clocks of the broker’s hosts in sync.',
  'repaid-unsaid':
    'Nothing to do: the payment is counted in full; an earlier version of Setlist did not mark such payments `repaid`.',
  'tracker-behind': 'Nothing to do: the tracker catches up when it runs; verify again then.',
  'still-moving': 'Nothing to do: the set kept changing during the check; verify again when it has ended.',
  'snapshot-not-kept':
    'Nothing is wrong with the log. Make the data folder writable: without snapshots, a look at the past takes longer.',
  'file-left-out':
    'Nothing is wrong with the archive: when it was made, this file was gone or had changed, a later run had overwritten it, or its store was not named.',
} as const;
export type NoteCode = keyof typeof NOTES;

/** The remedy where something could not be checked: it may be right or wrong. */
export const UNCHECKED = {
  'store-unreachable': 'Make the store readable from here, and verify again.',
} as const;
type UncheckedCode = keyof typeof UNCHECKED;

/** Where something was found; only the fields that apply are set. */
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
  readonly code: FaultCode | NoteCode | UncheckedCode;
  /** Only notes leave the audit clean. */
  readonly level: 'fault' | 'note' | 'unchecked';
  readonly where: Where;
  readonly what: string;
  readonly remedy: string;
}

/** Receives each finding as it is made. */
export type Report = (finding: Finding) => void;

/** Counts findings by level on their way to `report`. */
export function counting(report: Report): {
  readonly report: Report;
  readonly found: Readonly<Record<Finding['level'], number>>;
} {
  const found = { fault: 0, note: 0, unchecked: 0 };
  return {
    found,
    report: (finding) => {
      found[finding.level]++;
      report(finding);
    },
  };
}

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

export const unchecked = (code: UncheckedCode, where: Where, what: string): Finding => ({
  code,
  level: 'unchecked',
  where,
  what,
  remedy: UNCHECKED[code],
});

/** A fault or a note, depending on the code. */
export const finding = (code: FaultCode | NoteCode, where: Where, what: string): Finding =>
  isNote(code) ? note(code, where, what) : fault(code, where, what);

const isNote = (code: FaultCode | NoteCode): code is NoteCode => Object.hasOwn(NOTES, code);

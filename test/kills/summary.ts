/** What many moments came to: by process, what was paid twice by path, and the longest recovery. */
import type { Costs } from '../verdict/judge.ts';
import { type Moment, VICTIMS } from './moments.ts';

export interface Result {
  readonly moment: Moment;
  readonly wrong: readonly string[];
  /** Missing where the moment was not got over. */
  readonly costs?: Costs;
  readonly recoveryMs?: number;
  readonly shortByTask?: number;
}

interface Row extends Costs {
  readonly process: string;
  readonly moments: number;
  readonly failed: number;
  readonly longestRecoveryMs: number;
}

export interface Summary {
  readonly moments: number;
  readonly failed: number;
  readonly byProcess: readonly Row[];
  readonly total: Row;
  readonly failures: ReadonlyArray<{ readonly moment: number; readonly wrong: readonly string[] }>;
}

export function summaryOf(results: readonly Result[]): Summary {
  const failures = results.filter(({ wrong }) => wrong.length > 0);
  return {
    moments: results.length,
    failed: failures.length,
    byProcess: VICTIMS.map((victim) =>
      rowOf(
        victim,
        results.filter(({ moment }) => moment.victim === victim),
      ),
    ),
    total: rowOf('all', results),
    failures: failures.map(({ moment, wrong }) => ({ moment: moment.number, wrong })),
  };
}

function rowOf(process: string, results: readonly Result[]): Row {
  const sum = (of: keyof Costs): number =>
    results.reduce((total, { costs }) => total + (costs?.[of] ?? 0), 0);
  return {
    process,
    moments: results.length,
    failed: results.filter(({ wrong }) => wrong.length > 0).length,
    tasksPaidTwice: sum('tasksPaidTwice'),
    callsPaidTwice: sum('callsPaidTwice'),
    callsLost: sum('callsLost'),
    repaid: sum('repaid'),
    mailsRepeated: sum('mailsRepeated'),
    recovered: sum('recovered'),
    longestRecoveryMs: Math.max(0, ...results.map(({ recoveryMs = 0 }) => Math.round(recoveryMs))),
  };
}

const COLUMNS = [
  ['process', 'process'],
  ['moments', 'moments'],
  ['failed', 'failed'],
  ['tasksPaidTwice', 'tasks paid twice'],
  ['callsPaidTwice', 'calls paid twice'],
  ['repaid', 'marked repaid'],
  ['recovered', 'found again'],
  ['mailsRepeated', 'mails repeated'],
  ['longestRecoveryMs', 'longest recovery, ms'],
] as const satisfies ReadonlyArray<readonly [keyof Row, string]>;

/** The summary as a table in Markdown. */
export function tableOf({ byProcess, total }: Summary): string {
  const lines = [
    COLUMNS.map(([, title]) => title),
    COLUMNS.map(() => '---'),
    ...[...byProcess, total].map((row) => COLUMNS.map(([key]) => String(row[key]))),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

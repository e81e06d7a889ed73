/** Writes beside a file what is wrong with it: for people and, if it was refused, also for programs. */
import { rm } from 'node:fs/promises';
import { type EventOf, REPORT_ENDINGS } from '@setlist/contracts';
import { writeWhole } from '@setlist/storage';
import { type Accepted, warningsText } from '../domain/acceptance.ts';
import { reportJson, reportText } from '../domain/refusal.ts';

/** @param path of the refused file */
export async function writeReport(
  path: string,
  fileName: string,
  refused: EventOf<'SetRejected'>,
): Promise<void> {
  const { setId = '', data } = refused;
  await writeWhole(`${path}${REPORT_ENDINGS.text}`, reportText(fileName, data));
  await writeWhole(`${path}${REPORT_ENDINGS.json}`, reportJson(fileName, setId, data));
}

/** @param path of the accepted file; old warnings there, which are about another file, are replaced or removed */
export async function writeWarnings(path: string, fileName: string, accepted: Accepted): Promise<void> {
  const beside = `${path}${REPORT_ENDINGS.warnings}`;
  if (accepted.warnings.length === 0) return rm(beside, { force: true });
  await writeWhole(beside, warningsText(fileName, accepted));
}

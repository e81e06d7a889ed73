/** Writes what is wrong with a file beside it: for people, and of a refused one for programs too. */
import { rm, writeFile } from 'node:fs/promises';
import { REPORT_ENDINGS } from '@setlist/admission';
import type { EventOf } from '@setlist/contracts';
import { replaceFile } from '@setlist/storage';
import { type Accepted, warningsText } from '../domain/acceptance.ts';
import { reportJson, reportText } from '../domain/refusal.ts';

/** @param path where the refused file lies */
export async function writeReport(
  path: string,
  fileName: string,
  refused: EventOf<'SetRejected'>,
): Promise<void> {
  const { setId = '', data } = refused;
  await writeWhole(`${path}${REPORT_ENDINGS.text}`, reportText(fileName, data));
  await writeWhole(`${path}${REPORT_ENDINGS.json}`, reportJson(fileName, setId, data));
}

/** @param path where the accepted file lies; what was said there of another one goes */
export async function writeWarnings(path: string, fileName: string, accepted: Accepted): Promise<void> {
  const beside = `${path}${REPORT_ENDINGS.warnings}`;
  if (accepted.warnings.length === 0) return rm(beside, { force: true });
  await writeWhole(beside, warningsText(fileName, accepted));
}

/** Whole or not at all, also when two replicas write the same; what could not be finished is taken away again. */
const writeWhole = (path: string, content: string): Promise<void> =>
  replaceFile(path, (unfinished) => writeFile(unfinished, content), false);

/** Writes the report on a refused file beside it, for people and for programs. */
import { writeFile } from 'node:fs/promises';
import { REPORT_ENDINGS } from '@setlist/admission';
import type { EventOf } from '@setlist/contracts';
import { replaceFile } from '@setlist/storage';
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

/** Whole or not at all, also when two replicas write the same; what could not be finished is taken away again. */
const writeWhole = (path: string, content: string): Promise<void> =>
  replaceFile(path, (unfinished) => writeFile(unfinished, content), false);

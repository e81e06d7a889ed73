/** Writes the report on a refused file beside it, for people and for programs. */
import { rename, rm, writeFile } from 'node:fs/promises';
import { REPORT_ENDINGS } from '@setlist/admission';
import type { EventOf } from '@setlist/contracts';
import { reportJson, reportText } from '../domain/refusal.ts';

/** @param path where the refused file lies */
export async function writeReport(
  path: string,
  fileName: string,
  refused: EventOf<'SetRejected'>,
): Promise<void> {
  await replace(`${path}${REPORT_ENDINGS.text}`, reportText(fileName, refused.data));
  await replace(`${path}${REPORT_ENDINGS.json}`, reportJson(fileName, refused.setId ?? '', refused.data));
}

/** Whole or not at all, also when two replicas write the same; what could not be finished is taken away again. */
async function replace(path: string, content: string): Promise<void> {
  const unfinished = `${path}.${crypto.randomUUID().slice(0, 8)}`;
  try {
    await writeFile(unfinished, content);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** A claimed set file in a watched folder. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Drop, lookAt } from '@setlist/admission';
import type { Dropped } from '../drop/dropped.ts';
import { fileAway } from './file-away.ts';
import { claimedPath, readable } from './inbox.ts';
import { writeReport, writeWarnings } from './report.ts';

export const folderDrop = (drop: Drop): Dropped => ({
  run: drop.run,
  fileName: drop.fileName,
  options: drop.options,
  uri: pathToFileURL(join(drop.inbox, drop.fileName)).href,
  look: () => readable(claimedPath(drop), lookAt(claimedPath(drop))),
  // What is claimed has left the folder, so nothing can be written over it.
  isReplaced: async () => false,
  accepted: (because, warnings) =>
    fileAway(drop, 'done', (path) => writeWarnings(path, drop.fileName, { because, warnings })),
  refused: (because) => fileAway(drop, 'rejected', (path) => writeReport(path, drop.fileName, because)),
});

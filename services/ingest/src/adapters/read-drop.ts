/** Reads a claimed file, and keeps its bytes in the store under their own hash before anything is said about them. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { MAX_FILE_BYTES } from '@setlist/contracts';
import type { ObjectStore } from '@setlist/storage';
import { type Drop, extensionOf } from '../domain/drop.ts';
import { claimedPath, orGone } from './inbox.ts';

/** Someone writes to a file that has been claimed: it is read again in a moment. */
export class StillWritten extends Error {
  override readonly name = 'StillWritten';
  readonly code = 'still-written';
  readonly remedy = 'Write set files elsewhere and move them into the inbox when they are complete.';
}

/** A claimed file's content; without bytes where it is larger than any set file may be. */
export interface DropContent {
  readonly size: number;
  readonly bytes?: Uint8Array;
}

/** Nothing if the file is gone: another replica has dealt with it. Links are not followed. */
export async function readDrop(drop: Drop): Promise<DropContent | undefined> {
  const file = await orGone(open(claimedPath(drop), constants.O_RDONLY | constants.O_NOFOLLOW));
  if (file === undefined) return undefined;
  try {
    const before = await file.stat();
    if (before.size > MAX_FILE_BYTES) return { size: before.size };
    const bytes = Buffer.alloc(before.size);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await file.read(bytes, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    const after = await file.stat();
    if (filled < bytes.length || after.size !== before.size || after.mtimeMs !== before.mtimeMs) {
      throw new StillWritten(`${drop.fileName} changed while it was read`);
    }
    return { size: bytes.length, bytes };
  } finally {
    await file.close();
  }
}

export interface KeptCopy {
  readonly sha256: string;
  /** Object key. */
  readonly keptAs: string;
}

/** Stores the bytes unless they are there already: the same bytes have the same key. */
export async function keepSetFile(store: ObjectStore, drop: Drop, bytes: Uint8Array): Promise<KeptCopy> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const extension = extensionOf(drop.fileName);
  const keptAs = `setfiles/${sha256}${extension && `.${extension}`}`;
  const there = await store.head(keptAs);
  if (there?.bytes !== bytes.length) {
    const contentType = extension === 'json' ? 'application/json' : 'application/yaml';
    await store.put(keptAs, bytes, { contentType });
  }
  return { sha256, keptAs };
}

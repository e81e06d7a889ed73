/** The one table from the operating system's error codes to ours. */
import { messageOf } from '@setlist/runtime';
import { StoreError, type StoreErrorCode } from '../store-error.ts';

type Meaning = readonly [code: StoreErrorCode, what: string, remedy: string];

const DENIED: Meaning = [
  'denied',
  'permission was refused',
  'Give the user that runs Setlist the right to read and write there, or choose another folder.',
];
const FULL: Meaning = [
  'full',
  'there is no space left',
  'Free some space, or choose a folder on another disk.',
];
const IN_THE_WAY: Meaning = [
  'invalid-key',
  'there is a file where a folder is needed, or a folder where the file should go',
  'Rename one of the two.',
];
const BUSY: Meaning = [
  'unavailable',
  'the file system did not answer as it should',
  'Check the disk or the network share; the same call may then succeed.',
];

const MEANINGS: Readonly<Record<string, Meaning>> = {
  ENOENT: [
    'not-found',
    'there is no such file',
    'Check the name, and whether the file was moved or removed.',
  ],
  EACCES: DENIED,
  EPERM: DENIED,
  ELOOP: ['denied', 'symbolic links lead in a circle', 'Remove the symbolic links.'],
  ENOSPC: FULL,
  EDQUOT: FULL,
  EFBIG: FULL,
  EROFS: [
    'read-only',
    'the file system is read-only',
    'Mount it for writing, or choose a folder on another disk.',
  ],
  ENAMETOOLONG: [
    'invalid-key',
    'the path is too long for this file system',
    'Shorten the name, or choose a folder nearer to the root.',
  ],
  ENOTDIR: IN_THE_WAY,
  EISDIR: IN_THE_WAY,
  EEXIST: IN_THE_WAY,
  ENOTEMPTY: IN_THE_WAY,
  EIO: BUSY,
  EBUSY: BUSY,
  EAGAIN: BUSY,
  ESTALE: BUSY,
  ETIMEDOUT: BUSY,
  ECONNABORTED: BUSY,
  ECONNRESET: BUSY,
  EHOSTDOWN: BUSY,
  EHOSTUNREACH: BUSY,
  ENETUNREACH: BUSY,
  ENOTCONN: BUSY,
  EREMOTEIO: BUSY,
  ENODEV: BUSY,
  ENXIO: BUSY,
  EMFILE: ['unavailable', 'too many files are open', 'Raise the limit of open files (ulimit -n).'],
  ENFILE: [
    'unavailable',
    'too many files are open on this machine',
    'Close other programs, or raise the limit.',
  ],
};

/** What a failed call means. `doing` says what failed and where: `Cannot write /out/a.mp3`. */
export function folderError(error: unknown, doing: string): StoreError {
  if (error instanceof StoreError) return error;
  const errno = errnoOf(error);
  const meaning = errno === undefined ? undefined : MEANINGS[errno];
  if (meaning !== undefined) {
    const [code, what, remedy] = meaning;
    return new StoreError(code, `${doing}: ${what}.`, { remedy, cause: error });
  }
  return new StoreError('unknown', `${doing}: ${messageOf(error)}`, {
    remedy: 'Run `setlist doctor`; if the folder is in order, this is a fault in Setlist: please report it.',
    cause: error,
  });
}

/** The operating system's code, such as `ENOENT`, if the error carries one. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return error.code;
}

/** Whether an error says that there is no such file, or that one of its folders is a file. */
export function saysAbsent(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'ENOENT' || errno === 'ENOTDIR';
}

/** The names that every kind of store can hold, so that an accepted set can be stored anywhere. */
import { quote } from './text/wording.ts';

/** What is wrong with a key and how to fix it; both are sentence fragments without a full stop. */
export interface ObjectKeyProblem {
  readonly message: string;
  readonly remedy: string;
  /** Only Windows can't hold the name: S3 and folders on other systems can. */
  readonly lenient?: true;
}

/** S3's limit: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const MAX_KEY_BYTES = 1024;
/** The limit of ext4, XFS and APFS; NTFS allows 255 UTF-16 units, which is never less. */
const MAX_PART_BYTES = 255;

/** Control characters, line and paragraph separators, and code points that XML (S3's list format) can't carry. */
const UNWRITABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/u;
const RESERVED = /[<>:"|?*]/;
/** Reserved with any extension, in any case: https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])\s*(?:\.|$)/i;

/**
 * Checks a key: parts joined by `/`, relative to a store. A key that passes can be stored, under exactly this name, in
 * S3 and in a folder on Linux, macOS and Windows. A leading dot is refused because it would hide the file.
 *
 * @returns the first problem found (a `lenient` one only if there is no other), or undefined
 */
export function checkObjectKey(key: string): ObjectKeyProblem | undefined {
  const parts = key.split('/');
  return checkWhole(key) ?? firstProblem(parts, checkPart) ?? firstProblem(parts, checkForWindows);
}

/**
 * The form of a key on file systems that ignore case and Unicode composition, such as those of macOS and Windows: two
 * keys with the same fold are one file there.
 */
export function foldObjectKey(key: string): string {
  // Most names are ASCII, for which folding is simple and fast.
  if (!/[^\p{ASCII}]/u.test(key)) return key.toUpperCase();
  return Array.from(key.normalize('NFC'), foldCharacter).join('');
}

/** The folders above a key, outermost first: `a` and `a/b` for `a/b/c`. */
export function foldersOf(key: string): string[] {
  const parts = key.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** Folds one character to one, as NTFS's table does: `ß` does not become `SS`, and both forms of sigma are the same. */
function foldCharacter(character: string): string {
  const upper = character.toUpperCase();
  return upper.length === character.length ? upper : character;
}

function checkWhole(key: string): ObjectKeyProblem | undefined {
  if (key === '') return problem('the name is empty', 'give the file a name');
  if (!key.isWellFormed()) {
    return problem(`${quote(key)} is not valid Unicode`, 'replace the broken character');
  }
  const bytes = Buffer.byteLength(key);
  if (bytes > MAX_KEY_BYTES) {
    return problem(
      `the name is ${bytes} bytes long, and stores hold at most ${MAX_KEY_BYTES}`,
      'shorten the prefix or the file name',
    );
  }
  if (key.includes('\\')) return problem(`${quote(key)} contains a backslash`, 'separate folders with "/"');
  if (key.startsWith('/')) return problem(`${quote(key)} is an absolute path`, 'remove the leading "/"');
  if (key.endsWith('/')) return problem(`${quote(key)} names a folder`, 'add a file name after the last "/"');
  return undefined;
}

function firstProblem(
  parts: readonly string[],
  check: (part: string) => ObjectKeyProblem | undefined,
): ObjectKeyProblem | undefined {
  for (const part of parts) {
    const found = check(part);
    if (found) return found;
  }
  return undefined;
}

function checkPart(part: string): ObjectKeyProblem | undefined {
  if (part === '') return problem('the name has an empty part between two slashes', 'write a single "/"');
  if (part === '.' || part === '..') {
    return problem(`the name contains ${quote(part)}`, 'write the path without "." and ".."');
  }
  const unwritable = UNWRITABLE.exec(part)?.[0];
  if (unwritable !== undefined) {
    return problem(`${quote(part)} contains the invisible character ${codePoint(unwritable)}`, 'remove it');
  }
  if (part !== part.trim()) {
    return problem(`${quote(part)} begins or ends with a space`, 'remove the space');
  }
  if (part.startsWith('.')) {
    return problem(`${quote(part)} begins with a dot, which hides the file`, 'remove the leading dot');
  }
  const bytes = Buffer.byteLength(part);
  if (bytes > MAX_PART_BYTES) {
    return problem(
      `${quote(part)} is ${bytes} bytes long, and file systems hold at most ${MAX_PART_BYTES}`,
      'shorten it',
    );
  }
  return undefined;
}

function checkForWindows(part: string): ObjectKeyProblem | undefined {
  const reserved = RESERVED.exec(part)?.[0];
  if (reserved !== undefined) {
    return lenient(`${quote(part)} contains ${reserved}, which Windows does not allow in names`, 'remove it');
  }
  if (part.endsWith('.')) {
    return lenient(`${quote(part)} ends with a dot, which Windows drops`, 'remove the trailing dot');
  }
  if (DEVICE.test(part)) {
    return lenient(`${quote(part)} is the name of a device on Windows`, 'choose another name');
  }
  return undefined;
}

function lenient(message: string, remedy: string): ObjectKeyProblem {
  return { message, remedy, lenient: true };
}

function problem(message: string, remedy: string): ObjectKeyProblem {
  return { message, remedy };
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

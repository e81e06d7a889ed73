/** The reports on a set file, and their keys in a bucket: ingest writes them there, and messages and `up` name them. */

/** The longest name on ext4, XFS and APFS, in bytes; NTFS allows more. */
const MAX_NAME_BYTES = 255;
/** Bytes reserved for a run id and its separator, or for the longest ending of a report. */
const ADDED_BYTES = 48;

export const REPORT_ENDINGS = {
  text: '.problems.txt',
  json: '.problems.json',
  warnings: '.warnings.txt',
} as const;

/** Keys of the reports on a file in a bucket, beside it. Of an `s3:` URI they are URIs. */
export function reportKeys(key: string): Record<keyof typeof REPORT_ENDINGS, string> {
  const name = key.slice(key.lastIndexOf('/') + 1);
  const beside = key.slice(0, key.length - name.length) + shortFileName(name);
  const { text, json, warnings } = REPORT_ENDINGS;
  return { text: beside + text, json: beside + json, warnings: beside + warnings };
}

/**
 * A file's name, its stem shortened where the file system could not hold it together with a report's ending or, if
 * they are more, `addedBytes`.
 */
export function shortFileName(name: string, addedBytes = 0): string {
  const { stem, extension } = splitFileName(name);
  let room = MAX_NAME_BYTES - Math.max(ADDED_BYTES, addedBytes) - Buffer.byteLength(extension);
  let kept = '';
  for (const character of stem) {
    room -= Buffer.byteLength(character);
    if (room < 0) break;
    kept += character;
  }
  return kept + extension;
}

/** The extension has its dot, and is empty where there is none. */
export function splitFileName(fileName: string): { stem: string; extension: string } {
  const dot = fileName.lastIndexOf('.');
  return dot <= 0
    ? { stem: fileName, extension: '' }
    : { stem: fileName.slice(0, dot), extension: fileName.slice(dot) };
}

/** Set files: read, checked, named, described. */
export type { ParsedItem } from './check-item.ts';
export { defaultFileName } from './file-names.ts';
export { type ParsedSet, type ParseOptions, parseSetFile, type SetFileResult } from './parse-set-file.ts';
export { formatProblem, type Problem } from './problems.ts';
export { MAX_FILE_BYTES } from './read-text.ts';
export { BUILT_IN, MAX_ITEMS, setFileJsonSchema } from './schema.ts';

/** Set files: read, checked, named, described. */
export { AMOUNT_FORM, isAmount } from './amount.ts';
export type { ParsedItem } from './check-item.ts';
export type { Sections } from './collect.ts';
export { DEADLINE_FORMS, deadlineAt } from './deadline.ts';
export { defaultFileName } from './file-names.ts';
export {
  type ItemSink,
  type ParsedSet,
  type ParseOptions,
  parseSetFile,
  type RefusedSetFile,
  readSetFile,
  type SetFileReading,
  type SetFileResult,
  type SetTerms,
} from './parse-set-file.ts';
export { formatProblem, type Problem } from './problems.ts';
export { MAX_FILE_BYTES, tooLarge } from './read-text.ts';
export { BUILT_IN, MAX_ITEMS, setFileJsonSchema } from './schema.ts';
export { contentOf, type SetFileContent } from './source-text.ts';

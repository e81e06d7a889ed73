/** Reads and checks set files, and names their items' files. */
export { AMOUNT_FORM, amountSchema, isAmount } from './amount.ts';
export { DEADLINE_FORMS, deadlineAt } from './deadline.ts';
export type { ParsedItem } from './items/check-item.ts';
export {
  type ItemSink,
  type ParsedSet,
  type ParseOptions,
  parseSetFile,
  type RefusedSetFile,
  readSetFile,
  type SetTerms,
} from './parse-set-file.ts';
export { formatProblem, type Problem } from './problems.ts';
export { BUILT_IN, setFileJsonSchema } from './schema.ts';
export { MAX_FILE_BYTES, tooLarge } from './source/not-text.ts';
export type { SetFileContent } from './source/source-text.ts';

/** Short helpers for the tests of this package. */
import {
  type ParsedSet,
  type ParseOptions,
  parseSetFile,
  type SetFileResult,
} from '../src/parse-set-file.ts';

export function parse(text: string, options: Partial<ParseOptions> = {}): SetFileResult {
  return parseSetFile(new TextEncoder().encode(text), { fileName: 'set.yml', ...options });
}

/** The set of a file, which must be accepted. */
export function accepted(text: string, options: Partial<ParseOptions> = {}): ParsedSet {
  const result = parse(text, options);
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.problems, null, 2)}`);
  return result.set;
}

/** `line:column code path` of each problem. */
export function problemsOf(text: string, options: Partial<ParseOptions> = {}): string[] {
  const result = parse(text, options);
  return result.ok
    ? []
    : result.problems.map(({ line, column, code, path }) => `${line}:${column} ${code} ${path}`.trim());
}

/** The only problem, as `message (remedy)`. */
export function messageOf(text: string, options: Partial<ParseOptions> = {}): string {
  const result = parse(text, options);
  if (result.ok || result.problems.length !== 1)
    throw new Error(`not one problem: ${JSON.stringify(result)}`);
  const [problem] = result.problems;
  return `${problem?.message} (${problem?.remedy})`;
}

/** A set file with these items, which begin on line 4. */
export function withItems(...lines: string[]): string {
  return ['set:', '  name: test', 'items:', ...lines, ''].join('\n');
}

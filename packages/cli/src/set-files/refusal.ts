/** A refused set file, and the lines that say why. */
import { formatProblem, type RefusedSetFile } from '@setlist/set-file';

export interface Refusal extends Pick<RefusedSetFile, 'problems' | 'problemCount' | 'warnings'> {
  /** As the user wrote it. */
  readonly path: string;
}

/** `file:line:column: problem (remedy)` for each problem, then how many more there are. */
export function refusalLines({ path, problems, problemCount }: Refusal): string[] {
  const left = problemCount - problems.length;
  return [
    ...problems.map((problem) => formatProblem(path, problem)),
    ...(left > 0 ? [`${path}: and ${left} more problems`] : []),
  ];
}

/** Checks the whole tree against the architecture's rules: `node scripts/check-architecture.ts [ROOT]`. */
import { resolve } from 'node:path';
import { importFindings } from './architecture/import-rules.ts';
import { fileNameFindings, subjectFindings } from './architecture/name-rules.ts';
import { domainFindings, processFindings } from './architecture/purity-rules.ts';
import { reachFindings } from './architecture/reach-rules.ts';
import { type Finding, readSourceTree } from './architecture/source-tree.ts';

const RULES = [
  importFindings,
  domainFindings,
  processFindings,
  subjectFindings,
  fileNameFindings,
  reachFindings,
];

/** All findings for the repository at `root`, ordered by file and line. */
export function checkArchitecture(root: string): Finding[] {
  const tree = readSourceTree(root);
  return RULES.flatMap((rule) => rule(tree)).sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
}

if (import.meta.main) {
  const findings = checkArchitecture(resolve(process.argv[2] ?? '.'));
  for (const { file, line, rule, message } of findings) {
    process.stdout.write(`${file}:${line}: ${rule}: ${message}\n`);
  }
  if (findings.length > 0) process.exitCode = 1;
}

/** Shows what an audit found, to people and to scripts. */
import type { Finding } from '@setlist/audit';
import { countOf } from '@setlist/contracts';
import type { Terminal } from './text/terminal.ts';

/** How many findings there are; an archive has everything that is checked in it. */
interface Found {
  readonly faults: number;
  readonly notes: number;
  readonly unchecked?: number;
}

export interface FindingsView {
  take(finding: Finding): void;
  /** Prints the verdict. */
  end(verdict: Found, about: readonly string[]): void;
}

/** How many findings of one kind are listed; `--json` prints all. */
const LISTED = 20;

/** With `json`, prints each finding as a line when it is made, and the verdict last. */
export function findingsView(terminal: Terminal, json: boolean): FindingsView {
  if (json) {
    return {
      take: (finding) => terminal.print(JSON.stringify({ finding })),
      end: (verdict) => terminal.print(JSON.stringify({ verdict })),
    };
  }
  const byCode = new Map<Finding['code'], { first: Finding[]; count: number }>();
  return {
    take(finding) {
      const kind = byCode.get(finding.code) ?? { first: [], count: 0 };
      if (kind.first.length < LISTED) kind.first.push(finding);
      kind.count++;
      byCode.set(finding.code, kind);
    },
    end({ faults, notes, unchecked = 0 }, about) {
      for (const { first, count } of byCode.values())
        for (const line of kindLines(first, count, terminal)) terminal.print(line);
      for (const line of about) terminal.print(line);
      const noted = notes > 0 ? ` (${countOf(notes, 'note')})` : '';
      const { green, red } = terminal.paint;
      const bad = [
        ...(faults > 0 ? [countOf(faults, 'fault')] : []),
        ...(unchecked > 0 ? [`${countOf(unchecked, 'file')} could not be checked`] : []),
      ];
      terminal.print(
        bad.length === 0 ? green(`Nothing is wrong${noted}.`) : red(`${bad.join('; ')}${noted}.`),
      );
    },
  };
}

function kindLines(findings: readonly Finding[], count: number, { paint }: Terminal): string[] {
  const [one] = findings;
  if (one === undefined) return [];
  const title = `${one.level === 'fault' ? paint.red(one.code) : paint.yellow(one.code)}${count > 1 ? ` (${count})` : ''}`;
  const more = count > findings.length ? [`  … and ${count - findings.length} more: see --json`] : [];
  return [
    title,
    ...findings.map((finding) => `  ${placeOf(finding)}: ${finding.what}`),
    ...more,
    paint.dim(`  ${one.remedy}`),
  ];
}

function placeOf({ where }: Finding): string {
  const { seq, set, item, sound, key, file, subject } = where;
  const parts = [
    ...(seq === undefined ? [] : [`event ${seq}`]),
    ...(set === undefined ? [] : [set]),
    ...(item === undefined ? [] : [`item ${item}`]),
    ...(sound === undefined ? [] : [`sound ${sound.slice(0, 12)}`]),
    ...(key === undefined ? [] : [key]),
  ];
  return parts.length > 0 ? parts.join(', ') : (file ?? subject ?? 'the log');
}

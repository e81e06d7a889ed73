/** Text tables, with columns as wide as their widest cell. */
import stringWidth from 'string-width';
import { padTo } from './fit-columns.ts';

export interface Column {
  readonly title: string;
  /** Numbers are aligned to the right. */
  readonly align?: 'left' | 'right';
}

/** The heading and one line for each row; no line ends in blanks. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  paintHeading: (text: string) => string = (text) => text,
): string[] {
  const widths = columns.map(({ title }, at) =>
    rows.reduce((widest, row) => Math.max(widest, stringWidth(row[at] ?? '')), stringWidth(title)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => padTo(cell, widths[at] ?? 0, columns[at]?.align === 'right' ? 'right' : 'left'))
      .join('  ')
      .trimEnd();
  return [paintHeading(line(columns.map(({ title }) => title))), ...rows.map(line)];
}

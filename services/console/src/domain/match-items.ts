/** Matches the items of a set by state and by a part of their text or file name. */
import type { ItemRow } from '@setlist/contracts';
import type { ItemText } from '../watch/item-texts.ts';

export interface ItemQuery {
  readonly state?: ItemRow['state'] | undefined;
  readonly how?: ItemRow['how'] | undefined;
  /** In any letter case. */
  readonly text?: string | undefined;
}

/** Whether the query restricts anything. */
export const looksFor = ({ state, how, text }: ItemQuery): boolean =>
  state !== undefined || how !== undefined || (text !== undefined && text !== '');

export function itemMatcher({
  state,
  how,
  text = '',
}: ItemQuery): (row: ItemRow, said?: ItemText) => boolean {
  const wanted = text.toLowerCase();
  return (row, said) =>
    (state === undefined || row.state === state) &&
    (how === undefined || row.how === how) &&
    (wanted === '' ||
      row.file.toLowerCase().includes(wanted) ||
      (said?.text.toLowerCase().includes(wanted) ?? false));
}

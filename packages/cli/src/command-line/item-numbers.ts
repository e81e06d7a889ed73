/** Parses the item numbers that a user gives on the command line. */
import { MAX_RETRY_INDEXES } from '@setlist/contracts';
import { InvalidArgumentError } from 'commander';

const PART = /^(\d{1,9})(?:-(\d{1,9}))?$/;

/**
 * Adds `7`, `7,12` or `20-30` to the numbers given before; the result is sorted and has no duplicates.
 * @throws InvalidArgumentError for anything else, and for more numbers than one command can carry
 */
export function itemNumbers(text: string, before: readonly number[] = []): readonly number[] {
  const numbers = new Set(before);
  for (const part of text.split(',')) {
    const [, first, last = first] = PART.exec(part.trim()) ?? [];
    if (first === undefined || Number(last) < Number(first)) {
      throw new InvalidArgumentError('Write item numbers as 7, 7,12 or 20-30.');
    }
    if (Number(last) - Number(first) >= MAX_RETRY_INDEXES) throw tooMany();
    for (let number = Number(first); number <= Number(last); number++) numbers.add(number);
  }
  if (numbers.size > MAX_RETRY_INDEXES) throw tooMany();
  return [...numbers].sort((a, b) => a - b);
}

const tooMany = (): InvalidArgumentError =>
  new InvalidArgumentError(
    `One retry can name ${MAX_RETRY_INDEXES} items at most; without --item it covers all failed items.`,
  );

import { describe, expect, it } from 'vitest';
import { pageOf } from './pages.ts';

const letters = [...'abcdefg'];
const self = (letter: string) => letter;

describe('pages', () => {
  it('walks a list to its end without losing or repeating an item', () => {
    const seen: string[] = [];
    let token: string | undefined;
    do {
      const page = pageOf(letters, self, 3, token);
      seen.push(...page.items);
      token = page.nextToken;
    } while (token !== undefined);
    expect(seen).toEqual(letters);
  });

  it('gives no token with the last page, even if it is full', () => {
    expect(pageOf(letters, self, 7)).toEqual({ items: letters });
  });

  it('continues after an item that was removed', () => {
    const { nextToken } = pageOf(letters, self, 3);
    expect(
      pageOf(
        letters.filter((letter) => letter !== 'c'),
        self,
        3,
        nextToken,
      ).items,
    ).toEqual(['d', 'e', 'f']);
  });

  it.each(['nonsense', 'YWZ0ZXI', 'YWZ0ZXI6Yg==='])('refuses a token it did not make: %s', (token) => {
    expect(() => pageOf(letters, self, 3, token)).toThrow(
      expect.objectContaining({ code: 'InvalidNextTokenException' }),
    );
  });
});

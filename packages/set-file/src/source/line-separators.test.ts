/** PyYAML writes YAML 1.1, in which more characters end a line than in ours. */
import { describe, expect, it } from 'vitest';
import { accepted, withItems } from '../../test/door.ts';

describe('what PyYAML takes for a line break', () => {
  it.each(['\u0085', '\u2028', '\u2029'])('%j is kept without the indentation after it', (end) => {
    const file = withItems(
      `  - text: 'a${end}      b'`,
      '  - text: >-',
      `      a${end}${end}      b`,
      '  - text: |-',
      `      a${end}      b`,
    );
    expect(accepted(file).items.map(({ text }) => text)).toEqual([`a${end}b`, `a${end}${end}b`, `a${end}b`]);
  });

  it('keeps the blanks after it in double quotes, where it is an escape', () => {
    expect(accepted(withItems('  - text: "a\\L  b"')).items[0]?.text).toBe('a\u2028  b');
  });
});

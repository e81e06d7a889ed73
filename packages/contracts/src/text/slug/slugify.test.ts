/** The reference's names must be kept: python-slugify with text-unidecode 1.3 produced these values. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import cases from './fixtures/python-slugify.json' with { type: 'json' };
import { slugify } from './slugify.ts';
import { transliterate } from './transliterate.ts';

const sha256OfLines = (lines: Iterable<string>): string => {
  const hash = createHash('sha256');
  for (const line of lines) hash.update(`${line}\n`);
  return hash.digest('hex');
};

function* characters(from: number, to: number): Generator<string> {
  for (let code = from; code < to; code += 1) {
    if (code < 0xd800 || code > 0xdfff) yield String.fromCodePoint(code);
  }
}

describe('names are those of python-slugify, byte for byte', () => {
  test.each(cases)('%j → %j', (text, expected) => {
    expect(slugify(text, 40)).toBe(expected);
  });

  it('transliterates every character of the Basic Multilingual Plane as text-unidecode does', () => {
    const spelled = Array.from(characters(0, 0x10000), transliterate);
    expect(sha256OfLines(spelled)).toBe('d2215f06eaf26655dc6df1d929d2dc8d8014c703eed1c9b21b91ee9f2c9299da');
  });

  it('gives the same slug for every character between two letters', () => {
    const slugs = Array.from(characters(0, 0x10000), (character) => slugify(`a${character}b`, 40));
    expect(sha256OfLines(slugs)).toBe('3c3b7627334c7a8292b8235ddf0c8cd4ead338c7133b8d13637b5d950276ed1b');
  });

  it('drops every character beyond the Basic Multilingual Plane', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0x10000, max: 0x10ffff }), (code) => {
        expect(slugify(`a${String.fromCodePoint(code)}b`, 40)).toBe('ab');
      }),
    );
  });
});

describe('a slug of any text', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 120 }),
    fc.string({ unit: 'grapheme', maxLength: 120 }),
    fc
      .array(fc.constantFrom('&', '#', 'x', ';', 'amp', '65', "'", ',', '1', '-', ' ', '½', 'é'), {
        maxLength: 60,
      })
      .map((parts) => parts.join('')),
  );

  it('holds only lower-case ASCII letters, digits and single dashes between them', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 60 }), (text, maxLength) => {
        const slug = slugify(text, maxLength);
        expect(slug).toMatch(/^(?:[a-z0-9]+(?:-[a-z0-9]+)*)?$/);
        expect(slug.length).toBeLessThanOrEqual(maxLength);
      }),
    );
  });

  it('is its own slug', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const slug = slugify(text, 40);
        expect(slugify(slug, 40)).toBe(slug);
      }),
    );
  });

  it('begins with the slug of any shorter limit', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 40 }), (text, maxLength) => {
        expect(slugify(text, 40).startsWith(slugify(text, maxLength))).toBe(true);
      }),
    );
  });
});

it('takes time in proportion to the text, even where a pattern could backtrack', () => {
  for (const nasty of ['-', "'", '&', '&#', '&a', ',1', ' ', '文'])
    expect(slugify(`${nasty.repeat(200_000)}z`, 40).length).toBeLessThanOrEqual(40);
});

/** One word as SSML for espeak, with Polly's values converted to what espeak understands. */
import { toEspeak } from './phonetic-alphabets.ts';
import { sayAs } from './say-as.ts';
import type { Prosody, Word } from './spoken-text.ts';

/** @param language the spoken language, for dates and ordinals. */
export function wordMarkup(word: Word, language: string): string {
  const { prosody, emphasis } = word.style;
  const tags = prosody.map(prosodyTag);
  if (emphasis !== undefined)
    tags.push({ open: `<emphasis level="${attribute(emphasis)}">`, close: '</emphasis>' });
  const opening = tags.map((tag) => tag.open).join('');
  const closing = tags.map((tag) => tag.close).reverse();
  return opening + readingMarkup(word, language) + closing.join('');
}

function readingMarkup({ text, reading }: Word, language: string): string {
  switch (reading.kind) {
    case 'letters':
      return escapeText(text);
    case 'alias':
      return escapeText(reading.text);
    case 'phonemes': {
      const said = toEspeak(reading.ipa);
      return said === '' ? escapeText(text) : `[[${attribute(said)}]]`;
    }
    case 'say-as': {
      const said = sayAs(text, reading.as, reading.format, language);
      const body = escapeText(said.text);
      return said.espeakAs ? `<say-as interpret-as="${said.espeakAs}">${body}</say-as>` : body;
    }
  }
}

function prosodyTag({ rate, pitch, volume }: Prosody): { open: string; close: string } {
  const attributes = { rate, pitch, volume: volume === undefined ? undefined : volumeOf(volume) };
  const written = Object.entries(attributes).flatMap(([name, value]) =>
    value ? [` ${name}="${attribute(value)}"`] : [],
  );
  return { open: `<prosody${written.join('')}>`, close: '</prosody>' };
}

/** Converts decibels: espeak would read `+6dB` as 6 percent, but 6 dB are twice the amplitude, +100 %. */
function volumeOf(volume: string): string {
  const decibels = /^([+-]?\d*\.?\d+)\s*dB$/i.exec(volume.trim());
  if (!decibels) return volume;
  const percent = Math.round((10 ** (Number(decibels[1]) / 20) - 1) * 100);
  return `${percent >= 0 ? '+' : ''}${percent}%`;
}

/** Escapes text, since espeak parses all text as SSML, reads `[[` as phonemes, and stops at NUL. */
function escapeText(text: string): string {
  return attribute(text).replaceAll('[[', '[ [');
}

function attribute(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to go
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, ' ')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}

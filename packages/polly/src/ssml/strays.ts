/** Finds every character that has to be escaped or can't be: an XML parser gets lost at the first, but users write several. */

export type Stray = { readonly offset: number; readonly message: string; readonly remedy: string };

const POINTS =
  /<!--|<!\[CDATA\[|&#(?:\d+|x[\da-fA-F]+);|&(?!(?:#\d+|#x[\da-fA-F]+|amp|lt|gt|quot|apos);)|<(?![\p{L}_:\/!?])|[\p{Cc}--[\t\n\r\x7f-\x9f]]/gv;
const ENTITY = /&[a-zA-Z]\w*;/y;
/** [What XML takes for a character](https://www.w3.org/TR/xml/#charsets). */
const CHARACTER = /^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]$/u;

/**
 * Replaces every stray with a blank, so that all other offsets stay the same, and returns the strays themselves.
 * [Reserved characters in SSML](https://docs.aws.amazon.com/polly/latest/dg/escapees.html): there are five entities.
 */
export function maskStrays(ssml: string): { masked: string; strays: Stray[] } {
  const strays: Stray[] = [];
  POINTS.lastIndex = 0;
  for (let match = POINTS.exec(ssml); match !== null; match = POINTS.exec(ssml)) {
    const [found] = match;
    if (found.length === 1) {
      strays.push(describe(ssml, match.index, found));
    } else if (found.startsWith('&#')) {
      if (isCharacter(found)) continue;
      const message = `\`${found}\` stands for no character.`;
      strays.push({ offset: match.index, message, remedy: 'Remove it.' });
    } else {
      const end = ssml.indexOf(found === '<!--' ? '-->' : ']]>', POINTS.lastIndex);
      if (end === -1) break;
      POINTS.lastIndex = end;
    }
  }
  return { masked: blank(ssml, strays), strays };
}

function describe(ssml: string, offset: number, character: string): Stray {
  if (character === '<') {
    return { offset, message: 'A `<` that does not open a tag.', remedy: 'Write `&lt;`.' };
  }
  if (character !== '&') {
    const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    return { offset, message: `A control character (U+${code}).`, remedy: 'Remove it.' };
  }
  ENTITY.lastIndex = offset;
  const entity = ENTITY.exec(ssml)?.[0];
  if (entity === undefined) return { offset, message: 'A bare `&`.', remedy: 'Write `&amp;`.' };
  const remedy =
    'Write the character itself; the only entities are &amp; &lt; &gt; &quot; &apos; and numbers such as &#233;.';
  return { offset, message: `SSML has no \`${entity}\`.`, remedy };
}

/** Whether a reference such as `&#233;` or `&#xE9;` stands for a character. */
function isCharacter(reference: string): boolean {
  const code = Number(reference.slice(2, -1).replace(/^x/, '0x'));
  return code <= 0x10ffff && CHARACTER.test(String.fromCodePoint(code));
}

function blank(ssml: string, strays: readonly Stray[]): string {
  if (strays.length === 0) return ssml;
  let masked = '';
  let from = 0;
  for (const { offset } of strays) {
    masked += `${ssml.slice(from, offset)} `;
    from = offset + 1;
  }
  return masked + ssml.slice(from);
}

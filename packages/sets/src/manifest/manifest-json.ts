/** A manifest as JSON text: the header first, then one item a line, written and read without holding all of it. */
import { jsonIn, type ManifestHeader, type ManifestItem, manifestHeaderSchema } from '@setlist/contracts';

const ITEMS = ',\n  "items": [';
/** A header is a few kilobytes; what has none in so many is no manifest of ours. */
const LONGEST_HEADER = 1_000_000;

/** The text in pieces, byte for byte the same for the same manifest. */
export async function* manifestJson(
  header: ManifestHeader,
  items: Iterable<ManifestItem> | AsyncIterable<ManifestItem>,
): AsyncGenerator<string> {
  yield JSON.stringify(header, null, 2).slice(0, -'\n}'.length) + ITEMS;
  let separator = '\n    ';
  for await (const item of items) {
    yield separator + JSON.stringify(item);
    separator = ',\n    ';
  }
  yield '\n  ]\n}\n';
}

/** The header of a manifest, read no further than that; nothing where the text is none. */
export async function readManifestHeader(
  pieces: AsyncIterable<Uint8Array>,
): Promise<ManifestHeader | undefined> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of pieces) {
    text += decoder.decode(piece, { stream: true });
    const end = text.indexOf(ITEMS);
    if (end >= 0) return manifestHeaderSchema.safeParse(jsonIn(`${text.slice(0, end)}\n}`)).data;
    if (text.length > LONGEST_HEADER) return undefined;
  }
  return undefined;
}

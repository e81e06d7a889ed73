/** A manifest as JSON text: the header first, then one item on each line, written and read as a stream. */
import { jsonIn, type ManifestHeader, type ManifestItem, manifestHeaderSchema } from '@setlist/contracts';

const ITEMS = ',\n  "items": [';
/** Characters after which a text without a header is not a manifest of ours; a header takes a few kilobytes. */
const LONGEST_HEADER = 1_000_000;

/** The JSON in pieces, byte for byte the same for the same manifest. */
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

/** The header of a manifest, reading no further; `undefined` where the text is not a manifest. */
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

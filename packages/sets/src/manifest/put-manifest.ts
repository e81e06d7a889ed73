/** Writes both formats of a manifest into the store of its set's audio. */
import { MANIFEST_TYPES, manifestKeys } from '@setlist/contracts';
import type { ObjectStore } from '@setlist/storage';
import { manifestCsv } from './manifest-csv.ts';
import type { LoggedManifest } from './manifest-in-log.ts';
import { manifestJson } from './manifest-json.ts';

const CHARACTERS_AT_ONCE = 65_536;

/**
 * Writes the CSV first, so that the JSON never covers more of the log than the CSV. Each file is replaced as a whole.
 * @param store the store that the manifest's header names as `output`
 * @returns the location of the JSON, for people
 */
export async function putManifest(store: ObjectStore, { header, items }: LoggedManifest): Promise<string> {
  const { csv, json } = manifestKeys(header.prefix);
  await store.put(csv, encoded(manifestCsv(items())), { contentType: MANIFEST_TYPES.csv });
  await store.put(json, encoded(manifestJson(header, items())), { contentType: MANIFEST_TYPES.json });
  return store.locate(json);
}

async function* encoded(pieces: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  let text = '';
  for await (const piece of pieces) {
    text += piece;
    if (text.length < CHARACTERS_AT_ONCE) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(text);
}

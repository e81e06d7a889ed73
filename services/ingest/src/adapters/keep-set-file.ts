/** Keeps a copy of a set file in the store under its own hash, before any event mentions it. */
import { contentOfFile, extensionOf, type LocalFile } from '@setlist/admission';
import type { ObjectStore } from '@setlist/storage';

export interface KeptCopy {
  readonly sha256: string;
  /** Object key. */
  readonly keptAs: string;
}

/** Stores the file unless it is kept already: the same bytes have the same key. Throws a {@link FileChanged}. */
export async function keepSetFile(
  store: ObjectStore,
  fileName: string,
  file: LocalFile & { readonly sha256: string },
): Promise<KeptCopy> {
  const { sha256, bytes } = file;
  const extension = extensionOf(fileName);
  const keptAs = `setfiles/${sha256}${extension && `.${extension}`}`;
  const there = await store.head(keptAs);
  if (there?.bytes !== bytes) {
    const contentType = extension === 'json' ? 'application/json' : 'application/yaml';
    await store.put(keptAs, contentOfFile(file), { contentType, ifAbsent: there === undefined });
  }
  return { sha256, keptAs };
}

/** The places that INBOX names: folders of this machine, and prefixes of buckets. */

export interface InboxPlaces {
  readonly folders: readonly string[];
  /** `s3://bucket/prefix`. */
  readonly buckets: readonly string[];
}

/**
 * The inbox that would read a set's files and manifest as set files if they went to this place. Of a folder only the
 * folder itself is watched, of a bucket everything below the prefix.
 *
 * @param location as an `ObjectStore` locates it
 * @param places absolute folders, and URIs without a trailing slash
 */
export function watchedAt(location: string, { folders, buckets }: InboxPlaces): string | undefined {
  return (
    folders.find((folder) => location === folder) ??
    buckets.find((uri) => `${location}/`.startsWith(`${uri}/`))
  );
}

/** Files of ingest or a dispatcher would land in a watched bucket, where speech marks look like set files. */
export class InboxHoldsStore extends Error {
  override readonly name = 'InboxHoldsStore';
  readonly code = 'inbox-holds-store';
  readonly remedy: string;
  constructor(inbox: string, store: string) {
    super(`INBOX ${inbox} contains ${store}, which Setlist writes to`);
    this.remedy = `Watch a prefix that only has set files, such as ${inbox}/sets; the audio can stay where it is, even if that is the whole bucket.`;
  }
}

/** Compares URIs without a trailing slash. @throws InboxHoldsStore where a store is inside a watched bucket */
export function requireApart(inboxes: readonly string[], stores: readonly string[]): void {
  for (const inbox of inboxes) {
    const store = stores.find((uri) => `${uri}/`.startsWith(`${inbox}/`));
    if (store) throw new InboxHoldsStore(inbox, store);
  }
}

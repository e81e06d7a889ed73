/** What INBOX names: folders of this machine, and prefixes of buckets. */

export interface InboxPlaces {
  readonly folders: readonly string[];
  /** `s3://bucket/prefix`. */
  readonly buckets: readonly string[];
}

export function inboxPlaces(inboxes: readonly string[]): InboxPlaces {
  const isBucket = (place: string): boolean => /^s3:\/\//i.test(place);
  const distinct = [...new Set(inboxes)];
  return { folders: distinct.filter((place) => !isBucket(place)), buckets: distinct.filter(isBucket) };
}

/**
 * The inbox in which a set's files and its manifest would be taken for set files, if they went to this place. A folder is
 * watched itself, a bucket in all that lies below the prefix.
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

/** What ingest or a dispatcher writes would land in a watched bucket, and speech marks there look like set files. */
export class InboxHoldsStore extends Error {
  override readonly name = 'InboxHoldsStore';
  readonly code = 'inbox-holds-store';
  readonly remedy: string;
  constructor(inbox: string, store: string) {
    super(`INBOX ${inbox} holds ${store}, to which Setlist writes`);
    this.remedy = `Watch a prefix for set files alone, such as ${inbox}/sets; the audio may stay where it is, be that the whole bucket around it.`;
  }
}

/** Throws an {@link InboxHoldsStore} where a store lies in a watched bucket, by their URIs without a trailing slash. */
export function requireApart(inboxes: readonly string[], stores: readonly string[]): void {
  for (const inbox of inboxes) {
    const store = stores.find((uri) => `${uri}/`.startsWith(`${inbox}/`));
    if (store) throw new InboxHoldsStore(inbox, store);
  }
}

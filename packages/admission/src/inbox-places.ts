/** The places that INBOX names: folders of this machine, and prefixes of buckets. */
import { fileURLToPath } from 'node:url';

export interface InboxPlaces {
  readonly folders: readonly string[];
  /** `s3://bucket/prefix`. */
  readonly buckets: readonly string[];
}

/** INBOX names something that is neither a folder nor a bucket. */
class InboxUnreadable extends Error {
  override readonly name = 'InboxUnreadable';
  readonly code = 'inbox-unreadable';
  readonly remedy =
    'Write a path (inbox), file:///absolute/folder, or s3://bucket/prefix; and ./ before a path that has a colon.';
  constructor(place: string, options?: ErrorOptions) {
    super(`INBOX ${JSON.stringify(place)} is neither a folder nor a bucket`, options);
  }
}

/** Two letters or more: `C:\in` is a path. */
const SCHEME = /^[a-z][a-z0-9+.-]+:/i;

/** Whether a place is in a bucket, not a folder. */
export const isBucket = (place: string): boolean => /^s3:\/\//i.test(place);

/** Relative paths stay relative. @throws InboxUnreadable for any other address, which must not be taken for a path */
export function inboxPlaces(inboxes: readonly string[]): InboxPlaces {
  const distinct = [...new Set(inboxes.map(placeNamed))];
  return { folders: distinct.filter((place) => !isBucket(place)), buckets: distinct.filter(isBucket) };
}

function placeNamed(place: string): string {
  if (isBucket(place)) return place;
  if (/^file:/i.test(place)) return pathOf(place);
  if (SCHEME.test(place) || place.includes('://')) throw new InboxUnreadable(place);
  return place;
}

function pathOf(uri: string): string {
  try {
    return fileURLToPath(uri);
  } catch (cause) {
    throw new InboxUnreadable(uri, { cause });
  }
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

/** Reads INBOX: which of its places are folders, and which are buckets. */
import { fileURLToPath } from 'node:url';
import type { InboxPlaces } from './domain/inbox-places.ts';

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
const isBucket = (place: string): boolean => /^s3:\/\//i.test(place);

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

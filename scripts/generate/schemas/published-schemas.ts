/** Every versioned schema in its newest version: those of events, and that of the manifest. */
import { EVENTS, type EventName, MANIFEST_SCHEMA, versionedType } from '@setlist/contracts';
import { eventJsonSchema } from './event-schema.ts';
import { manifestJsonSchema } from './manifest-schema.ts';

const URN = 'urn:setlist:schema:';

/** By type and version, such as `setlist.item.completed.v1` or `setlist.manifest.v1`. */
export function publishedSchemas(): ReadonlyMap<string, object> {
  const events = Object.keys(EVENTS) as EventName[];
  return new Map([
    ...events.map((name) => [versionedType(EVENTS[name]), eventJsonSchema(name)] as const),
    [MANIFEST_SCHEMA.slice(URN.length), manifestJsonSchema()],
  ]);
}

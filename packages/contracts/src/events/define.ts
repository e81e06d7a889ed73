/** How an event is declared, with its name, version, author, shape, id and subject in one place. */
import type { z } from 'zod';

/** The writers of events. Each event has one author; a few have two, such as ItemRequested, which a retry repeats. */
export const SOURCES = ['ingest', 'dispatcher', 'tracker', 'notifier', 'cli'] as const;
export type Source = (typeof SOURCES)[number];

export interface EventDefinition<Name extends string, Data extends z.ZodType> {
  readonly name: Name;
  /** CloudEvents type without its version: `setlist.item.completed`. */
  readonly type: string;
  /** The newest version; older ones are lifted to it in `upcast.ts`. */
  readonly version: number;
  readonly by: readonly [Source, ...Source[]];
  /** One sentence for the catalogue of events. */
  readonly says: string;
  readonly data: Data;
  /** The event's id, derived from its content: the same fact twice has the same id. */
  readonly id: (data: z.infer<Data>, setId: string) => string;
  /** What the event is about: a set, one of its items, or a sound. */
  readonly about: (data: z.infer<Data>, setId: string) => string;
  /** The broker subject under which it is stored. */
  readonly subject: (data: z.infer<Data>, setId: string) => string;
}

export function defineEvent<Name extends string, Data extends z.ZodType>(
  definition: EventDefinition<Name, Data>,
): EventDefinition<Name, Data> {
  return definition;
}

/** The versioned CloudEvents type: `setlist.item.completed.v1`. */
export const versionedType = (definition: { type: string; version: number }): string =>
  `${definition.type}.v${definition.version}`;

/** The URI of a version's JSON Schema: the value of `dataschema`. */
export const schemaUri = (definition: { type: string; version: number }): string =>
  `urn:setlist:schema:${versionedType(definition)}`;

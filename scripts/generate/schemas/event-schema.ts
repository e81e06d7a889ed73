/** JSON Schema of a published event, generated from its zod schema. */
import { EVENTS, type EventName, schemaUri, versionedType } from '@setlist/contracts';
import { openJsonSchema } from './open-json-schema.ts';

/** The whole CloudEvents document of an event as JSON Schema 2020-12. */
export function eventJsonSchema(name: EventName): Record<string, unknown> {
  const definition = EVENTS[name];
  const { $schema, ...dataSchema } = openJsonSchema(definition.data);
  return {
    $schema,
    $id: schemaUri(definition),
    title: `${definition.name} (${versionedType(definition)})`,
    description: `Written by ${definition.by.join(', ')}: ${definition.says}.`,
    type: 'object',
    required: [
      'specversion',
      'id',
      'source',
      'type',
      'subject',
      'time',
      'datacontenttype',
      'dataschema',
      'data',
    ],
    properties: {
      specversion: { const: '1.0' },
      id: { type: 'string', minLength: 1 },
      source: { type: 'string', pattern: '^/setlist/' },
      type: { const: versionedType(definition) },
      subject: { type: 'string' },
      time: { type: 'string', format: 'date-time' },
      datacontenttype: { const: 'application/json' },
      dataschema: { const: schemaUri(definition) },
      setid: { type: 'string' },
      correlationid: { type: 'string' },
      causationid: { type: 'string' },
      traceparent: { type: 'string' },
      data: dataSchema,
    },
  };
}

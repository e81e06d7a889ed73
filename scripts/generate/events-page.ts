/** The manual's page of events, from their definitions. */
import { EVENTS, type EventName, versionedType } from '@setlist/contracts';
import { asyncApiDocument } from './schemas/asyncapi.ts';
import { eventJsonSchema } from './schemas/event-schema.ts';

interface Property {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly items?: Property;
  readonly properties?: Readonly<Record<string, Property>>;
  readonly additionalProperties?: unknown;
}

interface Channel {
  readonly address: string;
  readonly title: string;
  readonly description: string;
  readonly messages: Readonly<Record<string, unknown>>;
}

const escaped = (text: string): string => text.replaceAll('|', '\\|');

function typeOf(property: Property): string {
  if (property.enum) return property.enum.map((value) => `\`${value}\``).join(', ');
  if (property.type === 'array') return `list of ${typeOf(property.items ?? {})}`;
  if (property.properties) return `{ ${Object.keys(property.properties).join(', ')} }`;
  return property.type ?? 'any';
}

function section(name: EventName): string {
  const definition = EVENTS[name];
  const schema = eventJsonSchema(name) as {
    properties: { data: { properties: Record<string, Property>; required?: string[] } };
  };
  const { properties, required = [] } = schema.properties.data;
  const rows = Object.entries(properties).map(([field, property]) => {
    const optional = required.includes(field) ? '' : ' (optional)';
    return `| \`${field}\`${optional} | ${escaped(typeOf(property))} | ${escaped(property.description ?? '')} |`;
  });
  const type = versionedType(definition);
  return [
    `## ${name}`,
    '',
    `\`${type}\`, by ${definition.by.join(' or ')}: ${definition.says}. [Schema](../packages/contracts/schemas/events/${type}.schema.json)`,
    '',
    '| data | type | |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

/** The table of subjects, made from the AsyncAPI document, so that the two can't disagree. */
function subjectsTable(): string[] {
  const { channels } = asyncApiDocument() as { channels: Record<string, Channel> };
  const rows = Object.values(channels).map(({ address, title, description, messages }) => {
    const held = Object.keys(messages).map((name) => `[${name}](#${name.toLowerCase()})`);
    return `| \`${address}\` | ${title}: ${description} | ${held.join(', ')} |`;
  });
  return ['| subject | what | events |', '|---|---|---|', ...rows];
}

export function eventsPage(): string {
  const names = Object.keys(EVENTS) as EventName[];
  return [
    '<!-- Made by `npm run generate` from packages/contracts/src/events. Change it there. -->',
    '# Events',
    '',
    'Everything that happens in Setlist is an event in one JetStream stream, `SETLIST_EVENTS`. Each message is one',
    '[CloudEvents 1.0](https://cloudevents.io) document in structured JSON. The `id` derives from the event’s content: the',
    'same fact twice has the same id. Besides the standard attributes there are:',
    '',
    '| attribute | what it holds | which events carry it |',
    '|---|---|---|',
    '| `setid` | the set that the event belongs to | all except those of sounds, which belong to no set |',
    '| `correlationid` | the set that the work is for: of a sound, the requesting set | all except those of audio that a user supplied or removed |',
    '| `causationid` | the event that led to it | requests: the acceptance or the retry. Outcomes, and dispatchers’ events of sounds: the item’s request, if it can be read. Notices: the event that they announce |',
    '| `traceparent` | the place in the trace | all, if tracing is on |',
    '',
    'Nothing in the stream is deleted, and old versions stay readable: they are lifted to the newest when read',
    '(`packages/contracts/src/events/upcast.ts`), and a frozen sample of every version that was ever published is kept',
    'in `packages/contracts/fixtures/events`. Within a version an event can gain optional fields and nothing else',
    '([versions of events](decisions/versions-of-events.md)).',
    '',
    'The same as an AsyncAPI 3 document: [asyncapi.json](../packages/contracts/schemas/asyncapi.json).',
    '',
    ...subjectsTable(),
    '',
    '| event | by | says |',
    '|---|---|---|',
    ...names.map((name) => {
      const { by, says } = EVENTS[name];
      return `| [${name}](#${name.toLowerCase()}) | ${by.join(', ')} | ${says} |`;
    }),
    '',
    ...names.map(section),
  ].join('\n');
}

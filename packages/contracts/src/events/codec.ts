/** Events on the wire: CloudEvents 1.0 as structured JSON, one document per message. */
import { z } from 'zod';
import {
  EVENTS,
  type EventData,
  type EventName,
  type EventOf,
  NAME_OF_TYPE,
  type SetlistEvent,
} from './catalog.ts';
import { type EventDefinition, type Source, schemaUri, versionedType } from './define.ts';
import { LIFTS, type Lift, liftToNewest, type Versioned } from './upcast.ts';

/** The CloudEvents context of every event, and its `data`. */
const envelopeSchema = z.object({
  specversion: z.literal('1.0'),
  id: z.string().min(1),
  source: z.string().min(1),
  type: z.string().min(1),
  subject: z.string(),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  dataschema: z.string(),
  setid: z.string().optional(),
  correlationid: z.string().optional(),
  causationid: z.string().optional(),
  traceparent: z.string().optional(),
  data: z.unknown(),
});

/** The largest message that the broker accepts, in bytes. */
export const MAX_EVENT_BYTES = 1_048_576;

/** Who writes an event, when, and about which set; its id derives from its content. */
export interface EventContext {
  readonly source: Source;
  readonly now: Date;
  readonly setId?: string;
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly traceparent?: string;
}

type AnyDefinition = EventDefinition<string, z.ZodType>;
const definitionOf = (name: EventName): AnyDefinition => EVENTS[name] as unknown as AnyDefinition;

/** A service, as the `source` of its events. */
const uriOf = (source: Source): string => `/setlist/${source}`;

/**
 * Makes an event. Throws a `ZodError` where the data does not fit its schema, and a `TypeError` where the event is
 * another service's to write: both are bugs of the author.
 */
export function newEvent<N extends EventName>(
  name: N,
  data: EventData<N>,
  context: EventContext,
): EventOf<N> {
  const definition = definitionOf(name);
  const { source, now, setId, ...ids } = context;
  if (!definition.by.includes(source)) {
    throw new TypeError(`${name} is written by ${definition.by.join(' and ')}, not by ${source}`);
  }
  const checked = definition.data.parse(data) as EventData<N>;
  return {
    name,
    id: definition.id(checked, setId ?? ''),
    source: uriOf(source),
    time: now.toISOString(),
    ...(setId === undefined ? {} : { setId }),
    ...ids,
    data: checked,
  } as EventOf<N>;
}

/** Whether an event names one of its authors as its source. */
export function isByItsAuthor({ name, source }: SetlistEvent): boolean {
  return definitionOf(name).by.some((author) => uriOf(author) === source);
}

/** The subject under which an event is stored. */
export function subjectOf(event: SetlistEvent): string {
  return definitionOf(event.name).subject(event.data, event.setId ?? '');
}

/** An event as the bytes of a CloudEvents document. Throws a `RangeError` over {@link MAX_EVENT_BYTES}. */
export function encodeEvent(event: SetlistEvent): Uint8Array {
  const definition = definitionOf(event.name);
  const bytes = Buffer.from(
    JSON.stringify({
      specversion: '1.0',
      id: event.id,
      source: event.source,
      type: versionedType(definition),
      subject: definition.about(event.data, event.setId ?? ''),
      time: event.time,
      datacontenttype: 'application/json',
      dataschema: schemaUri(definition),
      setid: event.setId,
      correlationid: event.correlationId,
      causationid: event.causationId,
      traceparent: event.traceparent,
      data: event.data,
    }),
  );
  if (bytes.length > MAX_EVENT_BYTES) {
    throw new RangeError(
      `${event.name} ${event.id} is ${bytes.length} bytes; the limit is ${MAX_EVENT_BYTES}`,
    );
  }
  return bytes;
}

/** A message that can't be read: an `unknown-type` can come from a newer version, `invalid-data` should not occur. */
export interface Undecodable {
  readonly code: 'not-json' | 'not-cloudevents' | 'unknown-type' | 'invalid-data';
  readonly message: string;
}
export type Decoded =
  | {
      ok: true;
      event: SetlistEvent;
      /** The further events that the stored one was lifted to, where its version has since been split. */
      also: readonly SetlistEvent[];
    }
  | { ok: false; problem: Undecodable };

const undecodable = (code: Undecodable['code'], message: string): Decoded => ({
  ok: false,
  problem: { code, message },
});

/** Reads a message of any version ever published, lifted to the newest. Never throws. */
export function decodeEvent(bytes: Uint8Array, lifts: ReadonlyMap<string, Lift> = LIFTS): Decoded {
  let json: unknown;
  try {
    json = JSON.parse(textOf(bytes));
  } catch {
    // The parser's own message quotes what it could not read, and messages reach logs, where no phrase belongs.
    return undecodable('not-json', 'it is not JSON');
  }
  const envelope = envelopeSchema.safeParse(json);
  if (!envelope.success) return undecodable('not-cloudevents', z.prettifyError(envelope.error));
  const { type, data, id } = envelope.data;
  const [lifted, ...others] = liftToNewest(type, data, lifts);
  const first = eventOf(lifted, envelope.data, id);
  if ('problem' in first) return { ok: false, problem: first.problem };
  const also: SetlistEvent[] = [];
  for (const [at, part] of others.entries()) {
    const read = eventOf(part, envelope.data, `${id}/${at + 2}`);
    if ('problem' in read) return { ok: false, problem: read.problem };
    also.push(read.event);
  }
  return { ok: true, event: first.event, also };
}

/** Nearly all messages arrive as buffers; other bytes are viewed as one. */
const textOf = (bytes: Uint8Array): string =>
  (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).toString();

type Envelope = z.infer<typeof envelopeSchema>;

/** One event in its newest shape, with the context of the stored one. */
function eventOf(
  { type, data }: Versioned,
  { source, time, setid, correlationid, causationid, traceparent }: Envelope,
  id: string,
): { event: SetlistEvent } | { problem: Undecodable } {
  const name = NAME_OF_TYPE.get(type);
  if (name === undefined)
    return { problem: { code: 'unknown-type', message: `no event of type ${type} is known here` } };
  const checked = definitionOf(name).data.safeParse(data);
  if (!checked.success) {
    const message = `${type} ${id}: ${z.prettifyError(checked.error)}`;
    return { problem: { code: 'invalid-data', message } };
  }
  // Each event of the log comes through here: filling one object takes a third of the time of spreading several.
  const event: Record<string, unknown> = { name, id, source, time };
  if (setid !== undefined) event.setId = setid;
  if (correlationid !== undefined) event.correlationId = correlationid;
  if (causationid !== undefined) event.causationId = causationid;
  if (traceparent !== undefined) event.traceparent = traceparent;
  event.data = checked.data;
  return { event: event as unknown as SetlistEvent };
}

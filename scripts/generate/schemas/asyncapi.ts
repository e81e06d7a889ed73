/** The AsyncAPI 3 document of the log: the events on each subject, their data, and their writers. */
import { EVENTS, EVENTS_STREAM, type EventName, SOURCES, subjects, versionedType } from '@setlist/contracts';
import { eventJsonSchema } from './event-schema.ts';

const names = Object.keys(EVENTS) as EventName[];

interface Channel {
  /** The subject, with a parameter in braces where it varies. */
  readonly address: string;
  readonly title: string;
  readonly description: string;
  readonly holds: (name: EventName) => boolean;
}

const OUTCOMES: readonly EventName[] = ['ItemCompleted', 'ItemFailed'];

const CHANNELS: Readonly<Record<string, Channel>> = {
  setLife: {
    address: subjects.state('{setId}'),
    title: 'A set’s life',
    description: 'Appended by compare-and-set on the last sequence of the subject.',
    holds: (name) => name.startsWith('Set'),
  },
  requests: {
    address: subjects.requested('{setId}', '{lane}'),
    title: 'Requests',
    description: 'The work of one set and lane; dispatchers share a durable consumer on it.',
    holds: (name) => name === 'ItemRequested',
  },
  outcomes: {
    address: subjects
      .outcome('{setId}', '{lane}', '*', '*')
      .replace('*', '{index}')
      .replace('*', '{attempt}'),
    title: 'Outcomes',
    description: 'One event for each attempt of each item, appended only if the subject is empty.',
    holds: (name) => OUTCOMES.includes(name),
  },
  notices: {
    address: subjects
      .notice('{setId}', 'CAUSE', 'CHANNEL')
      .replace('CAUSE', '{cause}')
      .replace('CHANNEL', '{channel}'),
    title: 'Notices',
    description: 'One event for each causing event and channel.',
    holds: (name) => name.startsWith('Notification'),
  },
  sounds: {
    address: subjects.sound('{hash}'),
    title: 'The ledger',
    description: 'Who claimed, paid for or freed a sound; the last event is its state.',
    holds: (name) => name.startsWith('Sound'),
  },
};

const PARAMETERS: Readonly<Record<string, string>> = {
  setId: 'the set: its name as a safe token, and its run',
  lane: 'an engine',
  index: 'the item’s place in the set file, from 0',
  attempt: '1, plus one for each retry',
  cause: 'id of the causing event, as one token',
  channel: 'where the notice went',
  hash: 'content hash of the sound',
};

const ref = (to: string) => ({ $ref: `#/${to}` });
const messagesOf = ({ holds }: Channel): EventName[] => names.filter(holds);

/** The document, valid for AsyncAPI's own parser. */
export function asyncApiDocument(): Record<string, unknown> {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Setlist events',
      version: '1.0.0',
      description: `Everything that happens in Setlist is an event in the JetStream stream ${EVENTS_STREAM}: a CloudEvents 1.0 document in structured JSON on the subject that the channel names. Nothing in the stream is deleted. Manual: docs/events.md.`,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/cloudevents+json',
    channels: Object.fromEntries(Object.entries(CHANNELS).map(([key, channel]) => [key, channelOf(channel)])),
    operations: operations(),
    components: { messages: Object.fromEntries(names.map((name) => [name, messageOf(name)])) },
  };
}

function channelOf(channel: Channel) {
  const { address, title, description } = channel;
  const parameters = [...address.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [
    name,
    { description: PARAMETERS[name] ?? name },
  ]);
  return {
    address,
    title,
    description,
    messages: Object.fromEntries(
      messagesOf(channel).map((name) => [name, ref(`components/messages/${name}`)]),
    ),
    parameters: Object.fromEntries(parameters),
  };
}

/** What each service writes, channel by channel. */
function operations() {
  const entries = SOURCES.flatMap((source) =>
    Object.entries(CHANNELS).flatMap(([key, channel]) => {
      const written = messagesOf(channel).filter((name) =>
        (EVENTS[name].by as readonly string[]).includes(source),
      );
      if (written.length === 0) return [];
      const operation = {
        action: 'send',
        title: `${source}: ${channel.title}`,
        channel: ref(`channels/${key}`),
        messages: written.map((name) => ref(`channels/${key}/messages/${name}`)),
      };
      return [[`${source}.${key}`, operation]];
    }),
  );
  return Object.fromEntries(entries);
}

function messageOf(name: EventName) {
  const { says, by } = EVENTS[name];
  const { $schema, $id, title, description, ...payload } = eventJsonSchema(name);
  return {
    name: versionedType(EVENTS[name]),
    title: name,
    summary: says,
    description: `Written by ${by.join(', ')}.`,
    payload,
  };
}

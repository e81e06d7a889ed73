/**
 * The one place that declares every metric, step and attribute of Setlist's telemetry. Names from OpenTelemetry's
 * semantic conventions are spelled as there. The attributes are a closed list, so that no phrase and no secret can get
 * into telemetry.
 */

/** The attributes of measurements and steps: the word in the code, and the exported name. */
export const ATTRIBUTES = {
  set: 'setlist.set.id',
  items: 'setlist.set.items',
  item: 'setlist.item.index',
  attempt: 'setlist.item.attempt',
  lane: 'setlist.lane',
  provider: 'setlist.provider',
  operation: 'setlist.operation',
  outcome: 'setlist.outcome',
  state: 'setlist.set.state',
  event: 'setlist.event',
  channel: 'setlist.channel',
  step: 'setlist.step',
  error: 'error.type',
  messageId: 'messaging.message.id',
  rpcSystem: 'rpc.system.name',
  rpcMethod: 'rpc.method',
  httpMethod: 'http.request.method',
  httpRoute: 'http.route',
  httpStatus: 'http.response.status_code',
  urlScheme: 'url.scheme',
} as const;

export type Facts = { readonly [K in keyof typeof ATTRIBUTES]?: string | number | undefined };

/** Bucket bounds in seconds, from a cached sound to a long task. */
const STEP_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
/** Bucket bounds in seconds, as the semantic conventions advise for HTTP and RPC. */
const CALL_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

export interface Metric {
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly unit: string;
  /** The services that measure it. */
  readonly by: string;
  readonly says: string;
  readonly facts: readonly (keyof typeof ATTRIBUTES)[];
  /** Upper bounds of a histogram's buckets, in its unit. */
  readonly buckets?: readonly number[];
}

/** Facts under their exported names. */
export function attributesOf(facts: Facts): Record<string, string | number> {
  const attributes: Record<string, string | number> = {};
  for (const key in facts) {
    const value = facts[key as keyof Facts];
    if (value !== undefined) attributes[ATTRIBUTES[key as keyof Facts]] = value;
  }
  return attributes;
}

const counter = { kind: 'counter' } as const;
const gauge = { kind: 'gauge' } as const;
const seconds = { kind: 'histogram', unit: 's' } as const;

export const METRICS = {
  setEvents: {
    ...{ ...counter, name: 'setlist.set.events', unit: '{event}', by: 'ingest, tracker' },
    ...{ says: 'events in the lives of sets: `SetAccepted`, `SetStalled` …', facts: ['event'] },
  },
  items: {
    ...{ ...counter, name: 'setlist.items', unit: '{item}', by: 'dispatcher' },
    says: 'items by outcome: `paid`, `reused`, `recovered` or `failed`',
    facts: ['provider', 'lane', 'outcome', 'error'],
  },
  charactersPaid: {
    ...{ ...counter, name: 'setlist.characters.paid', unit: '{character}', by: 'dispatcher' },
    ...{ says: 'billed characters of sounds that were paid for', facts: ['provider', 'lane'] },
  },
  charactersSaved: {
    ...{ ...counter, name: 'setlist.characters.saved', unit: '{character}', by: 'dispatcher' },
    ...{
      says: 'characters that would have been billed if their sounds had not been reused',
      facts: ['provider', 'lane'],
    },
  },
  calls: {
    ...{ ...seconds, name: 'rpc.client.call.duration', by: 'dispatcher', buckets: CALL_SECONDS },
    says: 'calls to the provider, by operation and outcome: `ok`, `throttled` or `failed`',
    facts: ['rpcSystem', 'rpcMethod', 'provider', 'lane', 'outcome', 'error'],
  },
  admitted: {
    ...{ ...counter, name: 'setlist.quota.admitted', unit: '{call}', by: 'dispatcher' },
    ...{ says: 'calls that the quota admitted', facts: ['provider', 'lane', 'operation'] },
  },
  allowed: {
    ...{ ...gauge, name: 'setlist.quota.limit', unit: '{call}', by: 'dispatcher' },
    says: 'calls per second that the quota allows all dispatchers together; absent without a quota',
    facts: ['provider', 'lane', 'operation'],
  },
  throttles: {
    ...{ ...counter, name: 'setlist.quota.throttles', unit: '{call}', by: 'dispatcher' },
    ...{
      says: 'calls that the provider throttled, for which the shared rate was lowered',
      facts: ['provider', 'lane', 'operation'],
    },
  },
  laneLag: {
    ...{ ...gauge, name: 'setlist.lane.lag', unit: '{item}', by: 'dispatcher' },
    says: 'requested items without an outcome, over all sets and replicas; every replica reports the same value',
    facts: ['lane'],
  },
  sets: {
    ...{ ...gauge, name: 'setlist.sets', unit: '{set}', by: 'tracker' },
    ...{ says: 'sets that have not ended: `running`, `paused` or `stalled`', facts: ['state'] },
  },
  foldLag: {
    ...{ ...gauge, name: 'setlist.fold.lag', unit: '{event}', by: 'tracker' },
    ...{ says: 'events in the log that are not in the projections yet', facts: [] },
  },
  notices: {
    ...{ ...counter, name: 'setlist.notices', unit: '{message}', by: 'notifier' },
    says: 'attempts to send a message on its channel: `sent`, `refused`, or `later` and `down`, which are retried',
    facts: ['channel', 'outcome'],
  },
  requests: {
    ...{ ...seconds, name: 'http.server.request.duration', by: 'console', buckets: CALL_SECONDS },
    says: 'requests that the console answered, except live connections, which stay open',
    facts: ['httpMethod', 'httpRoute', 'httpStatus', 'urlScheme', 'error'],
  },
  steps: {
    ...{ ...seconds, name: 'setlist.step.duration', by: 'all but the console', buckets: STEP_SECONDS },
    ...{ says: 'how long each step took (see the spans)', facts: ['step', 'error'] },
  },
} as const satisfies Record<string, Metric>;

export type MetricKey = keyof typeof METRICS;
export type KeyOf<Kind extends Metric['kind']> = {
  [K in MetricKey]: (typeof METRICS)[K]['kind'] extends Kind ? K : never;
}[MetricKey];

export interface StepKind {
  readonly by: string;
  readonly kind: 'internal' | 'client' | 'server' | 'producer' | 'consumer';
  /** What the step does with a message, in terms of the semantic conventions. */
  readonly messaging?: 'create' | 'send' | 'process';
  readonly says: string;
  /** Starts a trace if it has no parent; any other step without a parent is measured but not traced. */
  readonly root?: true;
}

const process = { kind: 'consumer', messaging: 'process' } as const;
const send = { kind: 'producer', messaging: 'send' } as const;
const within = { kind: 'internal' } as const;

export const STEPS = {
  'ingest set': {
    ...within,
    root: true,
    by: 'ingest',
    says: 'from a checked set file to the request of its last item',
  },
  'request items': { ...send, by: 'ingest', says: 'appends the requests of all items' },
  'request item': {
    ...{ kind: 'producer', messaging: 'create', by: 'ingest' },
    says: 'one item’s request, where its part of the trace starts; for at most `TRACE_ITEMS` of a set, evenly spread',
  },
  'settle item': { ...process, by: 'dispatcher', says: 'an item, from its receipt to its outcome' },
  'wait for payment': { ...within, by: 'dispatcher', says: 'another item is paying for the same sound' },
  'wait for admission': {
    ...within,
    by: 'dispatcher',
    says: 'an item to pay for waits for its fair turn and for the limit of calls in flight',
  },
  'claim sound': {
    ...within,
    by: 'dispatcher',
    says: 'the compare-and-set that keeps others from paying for the sound',
  },
  'wait for moment': {
    ...within,
    by: 'dispatcher',
    says: 'an item with its claim waits until the shared rate allows the call',
  },
  'call provider': {
    kind: 'client',
    by: 'dispatcher',
    says: 'the call that makes a sound, or starts its task',
  },
  'await task': { ...within, by: 'dispatcher', says: 'an asynchronous task, to its end' },
  'store audio': { ...within, by: 'dispatcher', says: 'puts the audio into the canonical store' },
  'note payment': { ...send, by: 'dispatcher', says: 'appends who paid for what' },
  'deliver audio': {
    ...within,
    by: 'dispatcher',
    says: 'writes the audio under the name that the user wants',
  },
  'say outcome': { ...send, by: 'dispatcher', says: 'appends the outcome of the item' },
  'fold event': { ...process, by: 'tracker', says: 'folds one event into the projections' },
  'say finding': { ...send, by: 'tracker', says: 'appends that a set is complete, stalled or moving again' },
  'write manifest': { ...within, by: 'tracker', says: 'writes the manifest beside the audio' },
  'answer request': { kind: 'server', root: true, by: 'console', says: 'one request, named by its route' },
  'deliver message': { kind: 'client', by: 'notifier', says: 'one attempt to send a message on its channel' },
} as const satisfies Record<string, StepKind>;

export type StepName = keyof typeof STEPS;

/** A metric's name in Prometheus, as Prometheus's own receiver and the Collector translate it. */
export function prometheusName({ name, kind, unit }: Pick<Metric, 'name' | 'kind' | 'unit'>): string {
  const ending = `${unit === 's' ? '_seconds' : ''}${kind === 'counter' ? '_total' : ''}`;
  return `${name.replaceAll('.', '_')}${ending}`;
}

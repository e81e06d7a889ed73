/** An OTLP collector over HTTP for tests: keeps every request, and parses those sent as JSON. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly service: string;
  readonly failed: boolean;
  readonly attributes: Readonly<Record<string, string | number>>;
}

interface ReceivedRequest {
  readonly path: string;
  readonly type: string | undefined;
  /** The document; undefined if it was not sent as JSON. */
  readonly body: unknown;
}

export interface TestCollector extends AsyncDisposable {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT, with OTEL_EXPORTER_OTLP_PROTOCOL=http/json. */
  readonly url: string;
  readonly received: readonly ReceivedRequest[];
  /** All spans so far, ordered by end. */
  spans(): ReceivedSpan[];
  /** The sum of a counter's points as last sent; 0 while there are none. */
  metric(name: string): number;
}

export interface CollectorOptions {
  /** False if requests need only be accepted, not kept. */
  readonly keeps?: boolean;
}

/** Starts it on a free port of 127.0.0.1. */
export async function startCollector({ keeps = true }: CollectorOptions = {}): Promise<TestCollector> {
  const received: ReceivedRequest[] = [];
  const server = createServer(async (request, response) => {
    const sent = await read(request);
    if (keeps) received.push(sent);
    response.setHeader('content-type', request.headers['content-type'] ?? 'application/json');
    response.end(request.headers['content-type']?.includes('json') ? '{}' : undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    spans: () => received.flatMap(({ body }) => spansIn((body ?? {}) as Traces)),
    metric: (name) => sumOf(name, received.findLast(({ path }) => path === '/v1/metrics')?.body as Metrics),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function read(request: IncomingMessage): Promise<ReceivedRequest> {
  const { 'content-type': type, 'content-encoding': encoding } = request.headers;
  const sent = Buffer.concat(await request.toArray());
  const bytes = encoding === 'gzip' ? gunzipSync(sent) : sent;
  const body: unknown = type?.includes('json') ? JSON.parse(bytes.toString()) : undefined;
  return { path: request.url ?? '', type, body };
}

interface Attribute {
  readonly key: string;
  readonly value: {
    readonly stringValue?: string;
    readonly intValue?: number | string;
    readonly doubleValue?: number;
  };
}

interface Traces {
  readonly resourceSpans?: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<ReceivedSpan, 'service' | 'failed' | 'attributes'> & {
        readonly attributes: readonly Attribute[];
        readonly status?: { readonly code?: number };
      })[];
    }[];
  }[];
}

interface Metrics {
  readonly resourceMetrics?: readonly {
    readonly scopeMetrics: readonly {
      readonly metrics: readonly {
        readonly name: string;
        readonly sum?: {
          readonly dataPoints: readonly { readonly asDouble?: number; readonly asInt?: number | string }[];
        };
      }[];
    }[];
  }[];
}

const ERROR = 2;

function spansIn({ resourceSpans = [] }: Traces): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(named(resource.attributes)['service.name']);
    return scopeSpans.flatMap(({ spans }) =>
      spans.map(({ traceId, spanId, parentSpanId, name, attributes, status }) => ({
        ...{ traceId, spanId, name, service },
        ...(parentSpanId ? { parentSpanId } : {}),
        failed: status?.code === ERROR,
        attributes: named(attributes),
      })),
    );
  });
}

const named = (attributes: readonly Attribute[]): Record<string, string | number> =>
  Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, doubleValue } }) => [
      key,
      stringValue ?? Number(intValue ?? doubleValue),
    ]),
  );

function sumOf(wanted: string, all: Metrics | undefined): number {
  const points = (all?.resourceMetrics ?? [])
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
    .filter(({ name }) => name === wanted)
    .flatMap(({ sum }) => sum?.dataPoints ?? []);
  return points.reduce((sum, { asDouble, asInt }) => sum + Number(asDouble ?? asInt), 0);
}

/** Measures requests, and joins the caller's trace if the request carries one. */
import { type OpenSpan, record, startSpan } from '@setlist/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Requests that matched no route, and live streams, whose duration says nothing. */
const UNKNOWN_ROUTE = 'none';
const LIVE = /\/live$/;

export function watchRequests(app: FastifyInstance): void {
  const open = new WeakMap<FastifyRequest, OpenSpan>();
  app.addHook('onRequest', async (request) => {
    const route = routeOf(request);
    if (LIVE.test(route)) return;
    const { traceparent: parent } = request.headers;
    const span = startSpan('answer request', {
      name: `${request.method} ${route}`,
      ...(typeof parent === 'string' ? { parent } : {}),
    });
    if (span) open.set(request, span);
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = routeOf(request);
    if (LIVE.test(route)) return;
    const facts = factsOf(request, reply);
    record('requests', reply.elapsedTime / 1_000, facts);
    const span = open.get(request);
    span?.note(facts);
    span?.end(facts.error);
  });
}

const routeOf = (request: FastifyRequest): string => request.routeOptions.url ?? UNKNOWN_ROUTE;

const factsOf = (request: FastifyRequest, { statusCode }: FastifyReply) => ({
  httpMethod: request.method,
  httpRoute: routeOf(request),
  httpStatus: statusCode,
  urlScheme: request.protocol,
  error: statusCode >= 500 ? String(statusCode) : undefined,
});

/** Spans with OpenTelemetry's SDK, each placed in its trace by a given `traceparent`. */
import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';
import { attributesOf, STEPS, type StepKind } from './catalogue.ts';
import type { Machinery, OpenSpan } from './telemetry.ts';

const KINDS = {
  internal: SpanKind.INTERNAL,
  client: SpanKind.CLIENT,
  server: SpanKind.SERVER,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

/** Uses no context manager: a span's parent is always passed explicitly. */
export const spansFrom =
  (tracer: Tracer): NonNullable<Machinery['startSpan']> =>
  (step, { parent, facts = {}, name = step }) => {
    const { kind, messaging }: StepKind = STEPS[step];
    const attributes = {
      ...attributesOf(facts),
      ...(messaging && {
        'messaging.system': 'nats',
        'messaging.operation.type': messaging,
        'messaging.operation.name': step,
      }),
    };
    return opened(tracer.startSpan(name, { kind: KINDS[kind], attributes }, placeOf(parent)));
  };

function placeOf(parent: string | undefined): Context {
  const before = parent === undefined ? null : parseTraceParent(parent);
  return before === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...before, isRemote: true });
}

function opened(span: Span): OpenSpan {
  return {
    traceparent: traceparentOf(span.spanContext()),
    note: (facts) => void span.setAttributes(attributesOf(facts)),
    end(error) {
      if (error !== undefined) {
        span.setAttribute('error.type', error);
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      span.end();
    },
  };
}

const traceparentOf = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;

/**
 * Traces: what was done for a set or an item, step by step, over services. A step's place in its trace travels as
 * `traceparent` (W3C Trace Context) in the events between them. Where traces are off, steps cost next to nothing and
 * hand on the place that they were given.
 */
import {
  type Attributes,
  context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';

export interface Step {
  /** For events that this step leads to. */
  readonly traceparent: string | undefined;
  /** Ends it; with the code of what went wrong, if anything did. */
  end(failedWith?: string): void;
}

export interface StepOptions {
  /** The step before, as its event says. */
  readonly parent?: string | undefined;
  /** Whether it is to be traced, where its parent's word does not count. */
  readonly sampled?: boolean;
  readonly attributes?: Attributes;
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

export function startStep(name: string, { parent, sampled, attributes = {} }: StepOptions = {}): Step {
  const before = parent === undefined ? undefined : spanContextOf(parent, sampled);
  const at = before ? trace.setSpanContext(ROOT_CONTEXT, before) : context.active();
  const span: Span = trace.getTracer('setlist').startSpan(name, { attributes }, at);
  return {
    traceparent: traceparentOf(span.spanContext()),
    end(failedWith) {
      if (failedWith !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failedWith });
      span.end();
    },
  };
}

function spanContextOf(traceparent: string, sampled: boolean | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const isSampled = sampled ?? (Number.parseInt(flags, 16) & TraceFlags.SAMPLED) !== 0;
  return { traceId, spanId, isRemote: true, traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE };
}

/** Nothing for a step that stands in no trace. */
function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string | undefined {
  if (/^0+$/.test(traceId)) return undefined;
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

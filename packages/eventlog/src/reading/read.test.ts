import type { JsMsg } from 'nats';
import { expect, test } from 'vitest';
import { timeOf } from './read.ts';

/** 42 ns before the next millisecond: as a number, it is rounded up to that one. */
const NANOS = '1795999758724999958';

test.each([
  ['of brokers since 2.4, with a domain and an account', `$JS.ACK._.Ab12.LOG.reader.1.7.7.${NANOS}.0.Xy34`],
  ['of older brokers', `$JS.ACK.LOG.reader.1.7.7.${NANOS}.0`],
])(
  'the time of a delivered message is cut to milliseconds, never rounded up: the acknowledgement %s',
  (_, reply) => {
    expect(new Date(Number(NANOS) / 1e6).getMilliseconds()).toBe(725);
    expect(timeOf({ reply } as unknown as JsMsg).getMilliseconds()).toBe(724);
  },
);

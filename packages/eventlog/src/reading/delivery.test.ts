import type { JsMsg } from 'nats';
import { expect, test } from 'vitest';
import { deliveryOf } from './delivery.ts';

/** 42 ns before the next millisecond: as a number, it is rounded up to that one. */
const NANOS = '1795999758724999958';

test.each([
  ['of brokers since 2.4, with a domain and an account', `$JS.ACK._.Ab12.LOG.reader.1.7.3.${NANOS}.5.Xy34`],
  ['of older brokers', `$JS.ACK.LOG.reader.1.7.3.${NANOS}.5`],
])('an acknowledgement %s is read; its time is cut to milliseconds, never rounded up', (_, reply) => {
  expect(new Date(Number(NANOS) / 1e6).getMilliseconds()).toBe(725);
  const timeMs = Number(NANOS.slice(0, -6));
  expect(deliveryOf({ reply } as unknown as JsMsg)).toEqual({
    ...{ deliveries: 1, seq: 7, place: 3, pending: 5, timeMs },
  });
  expect(new Date(timeMs).getMilliseconds()).toBe(724);
});

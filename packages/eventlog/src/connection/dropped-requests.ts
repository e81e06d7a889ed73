/** What the client does not say of requests: those that were under way when the connection was lost are not sent again. */
import { ErrorCode, Events, type NatsConnection, NatsError } from 'nats';

/**
 * The same connection, but a request that a reconnection finds under way fails at once, as `DISCONNECT`: its answer may
 * be lost, and it may never have been sent. Otherwise it would fail only once its time is up.
 */
export function failingIfDropped(nc: NatsConnection): NatsConnection {
  const underWay = new Set<(dropped: NatsError) => void>();
  const failAll = async (): Promise<void> => {
    for await (const { type } of nc.status()) {
      if (type !== Events.Reconnect) continue;
      const dropped = new NatsError('the connection was lost', ErrorCode.Disconnect);
      for (const fail of underWay) fail(dropped);
    }
  };
  void failAll();
  const request: NatsConnection['request'] = (...question) =>
    new Promise((resolve, reject) => {
      underWay.add(reject);
      const over = (): void => void underWay.delete(reject);
      nc.request(...question)
        .then(resolve, reject)
        .finally(over);
    });
  return Object.assign(Object.create(nc) as NatsConnection, { request });
}

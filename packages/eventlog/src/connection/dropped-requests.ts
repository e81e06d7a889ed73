/** What the client does not say of requests: those that were under way when the connection was lost are not sent again. */
import { ErrorCode, Events, type NatsConnection, NatsError } from 'nats';

/** The client's published type omits the transport, of which each try to connect has its own. */
type WithTransport = NatsConnection & { readonly protocol: { readonly transport: object } };

/**
 * The same connection, but a request that the connection before has taken along fails once there is another: it may
 * never have been sent, and its answer may be lost. Otherwise it would fail only when its time is up. It fails as if
 * that were so, since the client repeats some of its own requests after a time-out and after nothing else.
 */
export function failingIfDropped(nc: NatsConnection): NatsConnection {
  const underWay = new Map<(dropped: NatsError) => void, object>();
  const transport = (): object => (nc as WithTransport).protocol.transport;
  const failDropped = async (): Promise<void> => {
    for await (const { type } of nc.status()) {
      if (type !== Events.Reconnect) continue;
      const dropped = new NatsError('the connection was lost', ErrorCode.Timeout);
      // What was asked during the try that succeeded is sent, and will be answered.
      for (const [fail, askedOn] of underWay) if (askedOn !== transport()) fail(dropped);
    }
  };
  void failDropped();
  const request: NatsConnection['request'] = (...question) =>
    new Promise((resolve, reject) => {
      underWay.set(reject, transport());
      const over = (): void => void underWay.delete(reject);
      nc.request(...question)
        .then(resolve, reject)
        .finally(over);
    });
  return Object.assign(Object.create(nc) as NatsConnection, { request });
}

/** Puts messages on a broker by its own protocol, as they are: `EventLog` only accepts events that our services may write. */
import { connect } from 'node:net';

export async function publishRaw(url: string, subject: string, ...texts: readonly string[]): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const messages = texts.map((text) => `PUB ${subject} ${Buffer.byteLength(text)}\r\n${text}\r\n`);
  socket.write(`CONNECT {"verbose":false}\r\n${messages.join('')}PING\r\n`);
  // The PONG that follows says that the broker has read all of it.
  for await (const piece of socket) if (String(piece).includes('PONG')) return;
}

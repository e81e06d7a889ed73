/** A minimal client of the broker's protocol, with which a test can store what no part of Setlist would. */
import { connect, type Socket } from 'node:net';

export interface RawNats extends AsyncDisposable {
  /** Sends a request and waits for one answer as JSON; rejects where the answer is an error. */
  request(subject: string, body: Uint8Array | string): Promise<Record<string, unknown>>;
}

/** @param url `nats://127.0.0.1:PORT` */
export async function rawNats(url: string): Promise<RawNats> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const answers = answersOf(socket);
  socket.write('CONNECT {"verbose":false,"pedantic":false,"headers":true,"no_responders":true}\r\n');
  socket.write('SUB raw.answers.* 1\r\n');
  let asked = 0;
  return {
    async request(subject, body) {
      const reply = `raw.answers.${++asked}`;
      const bytes = Buffer.from(body);
      const answer = answers.next(reply);
      socket.write(Buffer.concat([Buffer.from(`PUB ${subject} ${reply} ${bytes.length}\r\n`), bytes, CRLF]));
      const said = JSON.parse(await answer) as { error?: { description: string } };
      if (said.error) throw new Error(`${subject}: ${said.error.description}`);
      return said;
    },
    [Symbol.asyncDispose]: () =>
      new Promise((closed) => {
        socket.once('close', () => closed());
        socket.end();
      }),
  };
}

const CRLF = Buffer.from('\r\n');

/** Splits the input into messages, and gives each to the caller that waits for its subject. */
function answersOf(socket: Socket) {
  const waiting = new Map<string, (body: string) => void>();
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(CRLF); end >= 0; end = rest.indexOf(CRLF)) {
      const [verb, subject = '', , length] = rest.subarray(0, end).toString().split(' ');
      const bodyEnd = end + 2 + Number(length);
      if (verb === 'MSG' && rest.length < bodyEnd + 2) return;
      if (verb === 'MSG') waiting.get(subject)?.(rest.subarray(end + 2, bodyEnd).toString());
      if (verb === 'PING') socket.write('PONG\r\n');
      rest = rest.subarray(verb === 'MSG' ? bodyEnd + 2 : end + 2);
    }
  });
  return {
    next: (subject: string): Promise<string> =>
      new Promise((taken) => {
        waiting.set(subject, (body) => {
          waiting.delete(subject);
          taken(body);
        });
      }),
  };
}

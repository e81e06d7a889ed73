/** A minimal client of the broker's protocol, with which a test can store what no part of Setlist would. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawNats extends AsyncDisposable {
  /**
   * Sends a request and waits for one answer as JSON; rejects where the answer is an error, where nobody answers, and
   * where the connection ends.
   */
  request(subject: string, body: Uint8Array | string): Promise<Record<string, unknown>>;
}

/** @param url `nats://127.0.0.1:PORT` */
export async function rawNats(url: string): Promise<RawNats> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const ended: Promise<never> = once(socket, 'close').then(() => {
    throw new Error('the connection to the broker has ended');
  });
  ended.catch(() => undefined);
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
      const text = await Promise.race([answer, ended]);
      if (text.startsWith('NATS/1.0')) throw new Error(`${subject}: ${text.trim()}`);
      const said = JSON.parse(text) as { error?: { description: string } };
      if (said.error) throw new Error(`${subject}: ${said.error.description}`);
      return said;
    },
    async [Symbol.asyncDispose]() {
      socket.end();
      await ended.catch(() => undefined);
    },
  };
}

const CRLF = Buffer.from('\r\n');

/**
 * Splits the input into messages, and gives each to the caller that waits for its subject. That nobody answers is a
 * message without a body whose header says `NATS/1.0 503`.
 */
function answersOf(socket: Socket) {
  const waiting = new Map<string, (answer: string) => void>();
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(CRLF); end >= 0; end = rest.indexOf(CRLF)) {
      const [verb = '', subject = '', ...more] = rest.subarray(0, end).toString().split(' ');
      const isMessage = verb === 'MSG' || verb === 'HMSG';
      const bodyEnd = end + 2 + Number(more.at(-1));
      if (isMessage && rest.length < bodyEnd + 2) return;
      if (isMessage) waiting.get(subject)?.(rest.subarray(end + 2, bodyEnd).toString());
      if (verb === 'PING') socket.write('PONG\r\n');
      rest = rest.subarray(isMessage ? bodyEnd + 2 : end + 2);
    }
  });
  return {
    next: (subject: string): Promise<string> =>
      new Promise((taken) => {
        waiting.set(subject, (answer) => {
          waiting.delete(subject);
          taken(answer);
        });
      }),
  };
}

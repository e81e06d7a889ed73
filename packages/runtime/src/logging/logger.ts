/** The log of every service: one JSON object a line, or readable lines on a terminal. */
import { createRequire } from 'node:module';
import {
  type Bindings,
  type ChildLoggerOptions,
  type DestinationStream,
  type Logger,
  type LoggerOptions,
  pino,
} from 'pino';
import { errorSerializer } from './error-serializer.ts';
import { redactUrl, redactUrlSuffices } from './mask.ts';
import { redactFields } from './redaction.ts';

export type { Logger } from 'pino';

const SHORTEST_SECRET = 6;
const MOST_WAITING_BYTES = 1_048_576;

export type CreateLoggerOptions = {
  service: string;
  level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** Readable lines instead of JSON; by default on a terminal only. */
  pretty?: boolean;
  /** Values to mask in every line; those under 6 characters are too common to mask. A URL keeps its host and port. */
  secrets?: readonly string[];
  /** Where the lines go; standard output by default. */
  destination?: DestinationStream;
};

/**
 * A logger whose entries carry `service`, `pid`, an ISO `time` and `level` by name, and never a phrase, a
 * secret, or credentials in a URL. It writes synchronously, so an exit loses no lines.
 */
export function createLogger(settings: CreateLoggerOptions): Logger {
  const { service, level, pretty, secrets = [], destination } = settings;
  const options: LoggerOptions = {
    level,
    base: { service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: redactFields },
    serializers: { err: (value) => (value instanceof Error ? errorSerializer(value) : value) },
    hooks: { streamWrite: lineMask(secrets) },
  };
  const stream = destination ?? standardOutput();
  const onTerminal = destination === undefined && process.stdout.isTTY === true;
  return redactBindings(pino(options, (pretty ?? onTerminal) ? prettyStream(stream, onTerminal) : stream));
}

/** Logging to a file on a full disk doesn't fail: up to a megabyte of lines waits until there is room. */
function standardOutput(): DestinationStream {
  const stream = pino.destination({ sync: true, maxLength: MOST_WAITING_BYTES });
  stream.on('error', () => undefined);
  return stream;
}

type MakeChild = (this: Logger, bindings: Bindings, options?: ChildLoggerOptions<never>) => Logger<never>;

/** Redacts the bindings of child loggers too: pino applies `formatters.bindings` only to the first logger. */
function redactBindings(logger: Logger): Logger {
  const makeChild: MakeChild = logger.child;
  const { setBindings } = logger;
  return Object.assign(logger, {
    child(this: Logger, bindings: Bindings, options?: ChildLoggerOptions<never>) {
      return makeChild.call(this, redactFields(bindings), options);
    },
    setBindings(this: Logger, bindings: Bindings) {
      setBindings.call(this, redactFields(bindings));
    },
  });
}

/** Masks secrets and credentials in a finished line, just before it is written. */
function lineMask(secrets: readonly string[]): (line: string) => string {
  const masked = secrets
    .filter((value) => value.length >= SHORTEST_SECRET && !redactUrlSuffices(value))
    .map((value) => JSON.stringify(value).slice(1, -1));
  return (line) => redactUrl(masked.reduce((text, value) => text.replaceAll(value, '***'), line));
}

/** `pino-pretty` is loaded only here: a service in production never needs it. */
function prettyStream(stream: DestinationStream, onTerminal: boolean): DestinationStream {
  const { prettyFactory }: typeof import('pino-pretty') = createRequire(import.meta.url)('pino-pretty');
  const prettify = prettyFactory({
    colorize: onTerminal && !process.env.NO_COLOR,
    ignore: 'pid,service',
    messageFormat: '{service}: {msg}',
    translateTime: 'SYS:HH:MM:ss.l',
  });
  return { write: (line) => stream.write(prettify(line)) };
}

/** Puts the notifier together: the log it listens to, the channels it speaks through, and what runs between them. */
import { NOTIFIER_DURABLE, subjects } from '@setlist/contracts';
import { type EventLog, openLogFor } from '@setlist/eventlog';
import type { Logger, Running, ServiceContext } from '@setlist/runtime';
import { folderChannel } from './adapters/folder-channel.ts';
import { smtpChannel } from './adapters/smtp-channel.ts';
import { ChannelGate } from './channel-gate.ts';
import type { NotifierConfig } from './config.ts';
import type { GatedChannel } from './deliver.ts';
import type { Channel } from './domain/channel.ts';
import { duration } from './domain/messages/wording.ts';
import { setEventHandler } from './on-set-event.ts';

export interface NotifierDeps {
  readonly log: EventLog;
  readonly logger: Logger;
  /** In place of those that the settings ask for. */
  readonly channels?: readonly Channel[];
}

export interface Notifier {
  /** Tells people until aborted; resolves when what was under way has ended. */
  run(signal: AbortSignal): Promise<void>;
}

/** How many events may be in hand. Those whose channel rests are given back at once, so this is never all in use for long. */
const EVENTS_AT_ONCE = 256;

export function createNotifier(settings: NotifierConfig, deps: NotifierDeps): Notifier {
  const { log, logger, channels = configuredChannels(settings) } = deps;
  const retry = { baseMs: settings.RETRY_BASE, capMs: settings.RETRY_CAP, forMs: settings.RETRY_FOR };
  const random = Math.random;
  const handle = setEventHandler({
    log,
    logger,
    retry,
    random,
    channels: channels.map((channel) => gated(channel, { ...retry, random, logger })),
    ackWaitMs: settings.ACK_WAIT,
    maxAgeMs: settings.NOTIFY_MAX_AGE,
  });
  const durable = {
    durable: NOTIFIER_DURABLE,
    subjects: [subjects.state('*')],
    ackWaitMs: settings.ACK_WAIT,
    from: () => new Date(log.clock.now() - settings.NOTIFY_MAX_AGE),
  };
  return {
    async run(signal) {
      const inHand = new Set<Promise<void>>();
      for await (const handout of log.durable(durable, signal)) {
        const handled: Promise<void> = handle(handout, signal).finally(() => inHand.delete(handled));
        inHand.add(handled);
        if (inHand.size >= EVENTS_AT_ONCE) await Promise.race(inHand);
      }
      await Promise.all(inHand);
    },
  };
}

/** The channels that the settings ask for; which of them a set uses, it may say by name. */
export function configuredChannels(settings: NotifierConfig): Channel[] {
  const { SMTP_URL, SMTP_TIMEOUT, MAIL_FROM: from, MAIL_TO: to = [], MAIL_FOLDER } = settings;
  return [
    ...(SMTP_URL === undefined ? [] : [smtpChannel({ url: SMTP_URL, timeoutMs: SMTP_TIMEOUT, from, to })]),
    ...(MAIL_FOLDER === undefined ? [] : [folderChannel({ folder: MAIL_FOLDER, from, to })]),
  ];
}

function gated(
  channel: Channel,
  { logger, ...options }: { baseMs: number; capMs: number; random: () => number; logger: Logger },
): GatedChannel {
  const { name } = channel;
  const gate = new ChannelGate({
    ...options,
    now: () => performance.now(),
    onDown: ({ code, message, remedy }, restMs) =>
      logger.warn(
        { event: 'channel-down', channel: name, code, remedy, restMs },
        `${name} is down: ${message}; next try in ${duration(restMs)}`,
      ),
    onUp: () => logger.info({ event: 'channel-up', channel: name }, `${name} works again`),
  });
  return { name, channel, gate };
}

/** The service as `runService` starts it. */
export async function startNotifier(settings: NotifierConfig, context: ServiceContext): Promise<Running> {
  const { logger, signal, onShutdown, health } = context;
  const log = await openLogFor(settings, 'notifier');
  onShutdown('event log', () => log[Symbol.asyncDispose]());
  health.addCheck('broker', () => log.check());
  const channels = configuredChannels(settings);
  const shown = channels.map(({ name, recipient }) => ({ name, recipient }));
  logger.info(
    { event: 'channels', channels: shown },
    `tells people by ${shown.map(({ name }) => name).join(', ')}`,
  );
  return { done: createNotifier(settings, { log, logger, channels }).run(signal) };
}

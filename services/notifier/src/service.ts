/** The composition root of the notifier: the log it consumes, its channels, and the handling between them. */
import { duration, NOTIFIER_DURABLE, subjects } from '@setlist/contracts';
import { type EventLog, openLogFor } from '@setlist/eventlog';
import {
  type Environment,
  type Logger,
  type Running,
  type ServiceContext,
  settlesWithin,
} from '@setlist/runtime';
import { ChannelGate, type GateOptions } from './channel-gate.ts';
import { configuredChannels } from './channels/configured-channels.ts';
import type { NotifierConfig } from './config.ts';
import type { GatedChannel } from './deliver.ts';
import type { Channel } from './domain/channel.ts';
import { createManifests, NO_MANIFESTS } from './manifests.ts';
import { setEventHandler } from './on-set-event.ts';
import { openWording } from './templating/templates.ts';

export interface NotifierDeps {
  readonly log: EventLog;
  readonly logger: Logger;
  /** For secrets that CHANNELS_FILE refers to by `{env: NAME}`. */
  readonly env?: Environment;
  /** Replaces the configured channels. */
  readonly channels?: readonly Channel[];
  /**
   * How long a message that was handed out before waits for another replica's note, in ms; a third of ACK_WAIT if not
   * given. A broker that was away for longer than ACK_WAIT redelivers messages that are about to be noted.
   */
  readonly graceMs?: number;
  /** How long a stop waits for messages that are being sent, in ms; not limited if not given. */
  readonly stopWithinMs?: number;
}

export interface Notifier {
  /** Sends notices until aborted; resolves when everything in flight has ended, or its time is up. */
  run(signal: AbortSignal): Promise<void>;
}

/** The most events in progress. Events whose channel rests are given back at once, so the limit is rarely reached. */
const EVENTS_AT_ONCE = 512;

/** @throws Faults, naming all of them */
export function createNotifier(settings: NotifierConfig, deps: NotifierDeps): Notifier {
  const { log, logger, env = {}, stopWithinMs, graceMs = settings.ACK_WAIT / 3 } = deps;
  const wording = openWording(wordingOptions(settings));
  const manifests = createManifests({ log, logger }, settings.MANIFEST_MAX_BYTES);
  const channels = deps.channels ?? configuredChannels(settings, { env, manifests, wording: wording.mailOf });
  const shown = channels.map(({ name, recipient }) => ({ name, recipient }));
  logger.info(
    { event: 'channels', channels: shown },
    `notifies people by ${shown.map(({ name }) => name).join(', ')}`,
  );
  const retry = { baseMs: settings.RETRY_BASE, capMs: settings.RETRY_CAP, forMs: settings.RETRY_FOR };
  const random = Math.random;
  const handle = setEventHandler({
    log,
    logger,
    retry,
    random,
    wording,
    channels: channels.map((channel) => gated(channel, { ...retry, graceMs, random, logger })),
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
      const ended = Promise.all(inHand);
      await (stopWithinMs === undefined ? ended : settlesWithin(stopWithinMs, ended));
    },
  };
}

function gated(
  channel: Channel,
  {
    logger,
    ...options
  }: Pick<GateOptions, 'baseMs' | 'capMs' | 'graceMs' | 'random'> & { readonly logger: Logger },
): GatedChannel {
  const { name } = channel;
  const gate = new ChannelGate({
    ...options,
    perSecond: channel.perSecond,
    now: () => performance.now(),
    onDown: ({ code, message, remedy }, restMs) =>
      logger.warn(
        { event: 'channel-down', channel: name, code, remedy, restMs },
        `${name} is down: ${message}; next try in ${duration(restMs)}`,
      ),
    onUp: () => logger.info({ event: 'channel-up', channel: name }, `${name} works again`),
  });
  return { channel, gate };
}

const wordingOptions = ({ TEMPLATES_DIR, CONSOLE_URL, COMMAND_SERVER }: NotifierConfig) => ({
  overrides: TEMPLATES_DIR,
  consoleUrl: CONSOLE_URL,
  servers: COMMAND_SERVER,
});

/** Starts the service for `runService`. */
export async function startNotifier(
  settings: NotifierConfig,
  { logger, signal, stack, health }: ServiceContext,
  env: Environment,
): Promise<Running> {
  usableChannels(settings, env);
  const log = stack.use(await openLogFor(settings, 'setlist-notifier', { signal, logger }));
  health.addCheck('broker', () => log.check());
  return { done: createNotifier(settings, { log, logger, env }).run(signal) };
}

/**
 * The configured channels, without connecting to anything: faults of the channels or the templates are reported before
 * anything is waited for.
 *
 * @throws Faults, naming all of them
 */
export function usableChannels(settings: NotifierConfig, env: Environment): Channel[] {
  const wording = openWording(wordingOptions(settings));
  return configuredChannels(settings, { env, wording: wording.mailOf, manifests: NO_MANIFESTS });
}

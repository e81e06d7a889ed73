/** Tasks that SNS says have ended: checked without waiting for the next poll, and only the provider is believed. */
import { createLogger, loadConfig } from '@setlist/runtime';
import { eventually } from '@setlist/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DispatcherConfig } from '../../src/config.ts';
import { createDispatcher, dispatcherConfig } from '../../src/index.ts';
import { listenForTasks } from '../../src/sns/listen-for-tasks.ts';
import { callsOf, settled } from '../world/probes.ts';
import { type Rig, startRig } from '../world/rig.ts';
import { ask, sound } from '../world/sets.ts';
import {
  fixture,
  post,
  type StandIn,
  startStandIn,
  startTopic,
  TOPIC,
  type Topic,
} from '../world/sns-stand-in.ts';
import { openWay, type Way } from '../world/way.ts';

const LIST = 'GET /v1/synthesisTasks?MaxResults=100';

describe('a dispatcher', () => {
  let rig: Rig;
  let topic: Topic;
  let sns: StandIn;
  let way: Way;
  beforeAll(async () => {
    [topic, sns] = await Promise.all([startTopic(), startStandIn()]);
    rig = await startRig({ SNS_ENDPOINT: topic.url });
    way = await openWay(rig.engineUrl);
  });
  afterAll(async () => {
    await way[Symbol.asyncDispose]();
    await rig[Symbol.asyncDispose]();
    await topic[Symbol.asyncDispose]();
    await sns[Symbol.asyncDispose]();
  });

  /** Starts a dispatcher that polls only every ten minutes. @returns its run, and its port for SNS once it listens */
  function listening(signal: AbortSignal) {
    const port = Promise.withResolvers<number>();
    const write = (line: string): void => {
      const said = JSON.parse(line) as { event?: string; port?: number };
      if (said.event === 'sns-listening') port.resolve(said.port ?? 0);
    };
    const env = {
      ...{ POLLY_LOCAL_URL: way.url, TASK_POLL_EVERY: '600s', TASK_TOPIC: TOPIC, SNS_LISTEN: '127.0.0.1:0' },
      ...{ SNS_TLS_CERT: fixture('crt'), SNS_TLS_KEY: fixture('key') },
    };
    const settings = loadConfig(dispatcherConfig, { ...rig.env, ...env });
    const logger = createLogger({
      service: 'dispatcher',
      level: 'info',
      pretty: false,
      destination: { write },
    });
    const dispatcher = createDispatcher(settings, { log: rig.log, logger, snsTrust: sns.trust });
    return { done: dispatcher.run(signal), port: port.promise };
  }

  test('learns of a task’s end through SNS, over TLS, and believes only the provider', async () => {
    const stop = new AbortController();
    const dispatcher = listening(stop.signal);
    try {
      const port = await dispatcher.port;
      // The only poll, which comes at once, learns nothing, however soon the task has ended.
      way.next(LIST, 'unheard');
      const setId = await ask(rig, [sound('A sentence that takes a while to say. '.repeat(90))], 'told');
      await eventually(() => topic.published.length === 1 && way.seen(LIST) === 1);
      const deliver = (Message: string): Promise<number> =>
        post(port, JSON.stringify(sns.message({ Message })), true);
      expect(await deliver('{"taskId":"another","taskStatus":"COMPLETED"}')).toBe(200);
      const [told = ''] = topic.published;
      expect(JSON.parse(told)).toMatchObject({ taskStatus: 'COMPLETED', snsTopicArn: TOPIC });
      expect(await deliver(told.replace('COMPLETED', 'FAILED'))).toBe(200);
      const [outcome] = await settled(rig, setId, 1);
      expect(outcome).toMatchObject({ name: 'ItemCompleted', data: { how: 'paid' } });
      // Only its own task was looked up, once.
      expect(await callsOf(rig, 'GetSpeechSynthesisTask')).toMatchObject({ ok: 1, refused: 0 });
    } finally {
      stop.abort();
      await dispatcher.done;
    }
  });
});

test('warns of each reason to refuse a message once, since anyone can post one', async () => {
  await using sns = await startStandIn();
  const said: { msg: string; err?: object }[] = [];
  const destination = { write: (line: string) => void said.push(JSON.parse(line)) };
  const logger = createLogger({ service: 'dispatcher', level: 'warn', pretty: false, destination });
  const config = { TASK_TOPIC: TOPIC, SNS_LISTEN: { host: '127.0.0.1', port: 0 } } as DispatcherConfig;
  const draining = new AbortController().signal;
  const deps = { tasks: [], trust: sns.trust, now: Date.now, logger, draining };
  await using endpoint = await listenForTasks(config, deps);
  const missing = '/SimpleNotificationService-0.pem';
  sns.answers.set(missing, 404);
  const refused = [
    'no message at all',
    JSON.stringify(sns.message({ TopicArn: `${TOPIC}-of-others` })),
    JSON.stringify(sns.message({ SigningCertURL: `https://${sns.host}${missing}` })),
  ];
  for (let n = 0; n < 5; n++) for (const body of refused) await post(endpoint?.port ?? 0, body);
  expect(said).toMatchObject([
    { msg: 'a message to the SNS endpoint was refused: not an SNS message' },
    { msg: 'a message to the SNS endpoint was refused: a topic that is not ours' },
    {
      msg: 'a message to the SNS endpoint was refused: its certificate could not be fetched',
      err: { message: expect.stringContaining('404') },
    },
  ]);
});

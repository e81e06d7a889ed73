/** A whole system, and one set after the other through it, each disturbed by the death of one process. */
import { setTimeout as pause } from 'node:timers/promises';
import { subjects } from '@setlist/contracts';
import { type SmtpServer, startSmtp } from '@setlist/testkit';
import { System, setFile } from '../system.ts';
import { type Costs, judge } from '../verdict/judge.ts';
import { observe } from '../verdict/observe.ts';
import { Tape } from '../verdict/tape.ts';
import { ITEMS, LONG_ITEMS, type Moment, type Trigger, type Victim } from './moments.ts';

const CALLS_AT_ONCE = 8;
/** Calls go no faster than this, so that tasks take a part of what may go by either; tasks are not kept waiting. */
const QUOTAS = `standard.synthesize=60/12/${CALLS_AT_ONCE},standard.task=100/20`;
/** Long enough for a set to have a middle, short enough for many sets. */
const LATENCY_MS = '10-50';
const SET_DEADLINE_MS = 120_000;
const TRIGGER_DEADLINE_MS = 60_000;
const SENTENCE = 'A sentence that goes on for a while, and then some more. ';
const REPLICA = { 'dispatcher A': 1, 'dispatcher B': 2 } as const;

export interface Passed {
  readonly wrong: readonly string[];
  readonly costs: Costs;
  /** From the kill to the end of its set, in ms: how long the system took to get over it and finish. */
  readonly recoveryMs: number;
  /** How many items that a call could have paid for went by a task. */
  readonly shortByTask: number;
}

interface Disturbed {
  readonly name: string;
  readonly bothPaths: boolean;
  /** Nobody, where nothing disturbs it. */
  readonly victim?: Victim;
}

export class KillLab implements AsyncDisposable {
  readonly #system: System;
  readonly #stack: AsyncDisposableStack;
  readonly #smtp: SmtpServer;
  readonly #seed: number;
  readonly #mailbox: { onMail: (() => Promise<void>) | undefined };
  /** From the drop to the end of a set that nothing disturbs, in ms. */
  undisturbedMs = 0;

  private constructor(parts: LabParts) {
    this.#system = parts.system;
    this.#stack = parts.stack;
    this.#smtp = parts.smtp;
    this.#seed = parts.seed;
    this.#mailbox = parts.mailbox;
  }

  /** Starts everything, and times a set that nothing disturbs. */
  static async start(seed: number): Promise<KillLab> {
    await using stack = new AsyncDisposableStack();
    const mailbox: LabParts['mailbox'] = { onMail: undefined };
    const smtp = stack.use(await startSmtp({ onMail: () => mailbox.onMail?.() }));
    const system = await System.start({
      dispatchers: 2,
      engine: { ENGINE: 'instant', FAULT_LATENCY_MS: LATENCY_MS },
      services: {
        QUOTAS,
        CALL_TIMEOUT: '3s',
        SMTP_URL: smtp.url,
        MAIL_TO: 'listener@example.org',
        RETRY_BASE: '200ms',
        SETTLE: '100ms',
      },
    });
    stack.use(system);
    const lab = new KillLab({ system, smtp, seed, mailbox, stack: stack.move() });
    await lab.#warmUp();
    return lab;
  }

  /** Drops a set, kills and restarts the victim in the middle of it, waits for its end, and looks at everything. */
  async pass({ number, victim, trigger, bothPaths }: Moment): Promise<Passed> {
    const set = { name: `moment-${number}`, bothPaths, victim };
    return this.#set(set, async (tape) => {
      const kill = () => this.#kill(victim);
      await this.#drop(set);
      await this.#reach(trigger, tape, kill);
      const killedAt = performance.now();
      await this.#restart(victim);
      return killedAt;
    });
  }

  async #warmUp(): Promise<void> {
    const set = { name: 'undisturbed', bothPaths: false };
    const { wrong, recoveryMs } = await this.#set(set, async () => {
      const droppedAt = performance.now();
      await this.#drop(set);
      return droppedAt;
    });
    if (wrong.length > 0) throw new Error(`a set that nothing disturbs: ${wrong.join('; ')}`);
    this.undisturbedMs = recoveryMs;
  }

  /** @param disturb drops the set and does what there is to do; returns since when recovery is timed */
  async #set({ name, victim }: Disturbed, disturb: (tape: Tape) => Promise<number>): Promise<Passed> {
    const { log } = this.#system;
    const sinceSeq = await log.head();
    await using tape = new Tape(log, sinceSeq);
    const since = await disturb(tape);
    await tape.until('SetCompleted', (said) => said.count('SetCompleted') > 0, SET_DEADLINE_MS);
    const recoveryMs = Math.max(0, performance.now() - since);
    await tape.until('notices', (said) => said.count('NotificationSent') >= 2, SET_DEADLINE_MS);
    await this.#projected(sinceSeq);
    const mailsSoFar = this.#smtp.mails.map(({ messageId = '' }) => messageId);
    const seen = await observe(this.#system, { name, sinceSeq, mailsSoFar });
    const verdict = judge(seen, {
      items: ITEMS,
      callsLostAtMost: victim?.startsWith('dispatcher') ? CALLS_AT_ONCE : 0,
      channels: ['mail', 'folder'],
      // Between a mail and its note stand the notifier and the broker; nobody else's death can repeat it.
      mailMayRepeat: victim === 'notifier' || victim === 'nats-server',
    });
    return { ...verdict, recoveryMs, shortByTask: Math.max(0, seen.tasks.size - LONG_ITEMS) };
  }

  #drop({ name, bothPaths }: Disturbed): Promise<void> {
    const phrase = (index: number): string => {
      const text = `Line ${index} of ${name}, seed ${this.#seed}.`;
      return index % 3 === 2 ? `${text} ${SENTENCE.repeat(54)}` : text;
    };
    return this.#system.drop(
      `${name}.yml`,
      setFile(name, ITEMS, { phrase, paths: bothPaths ? 'both' : 'auto' }),
    );
  }

  /** Waits for the moment and kills at it. */
  async #reach(trigger: Trigger, tape: Tape, kill: () => Promise<void>): Promise<void> {
    switch (trigger.kind) {
      case 'time':
        await pause(trigger.share * this.undisturbedMs);
        return kill();
      case 'event': {
        const { name, nth } = trigger;
        await tape.until(`${name} number ${nth}`, (said) => said.count(name) >= nth, TRIGGER_DEADLINE_MS);
        return kill();
      }
      case 'mail':
        return this.#atMail(kill);
      default:
        return trigger satisfies never;
    }
  }

  /** The mail server answers only after the kill: who sent the mail never hears that it arrived. */
  #atMail(kill: () => Promise<void>): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(
      () => reject(new Error(`no mail within ${TRIGGER_DEADLINE_MS} ms`)),
      TRIGGER_DEADLINE_MS,
    );
    this.#mailbox.onMail = async () => {
      this.#mailbox.onMail = undefined;
      clearTimeout(timer);
      await kill().then(resolve, reject);
    };
    return promise;
  }

  #kill(victim: Victim): Promise<void> {
    switch (victim) {
      case 'nats-server':
        return this.#system.nats.kill9();
      case 'dispatcher A':
      case 'dispatcher B':
        return this.#system.kill('dispatcher', REPLICA[victim]);
      default:
        return this.#system.kill(victim);
    }
  }

  async #restart(victim: Victim): Promise<void> {
    switch (victim) {
      case 'nats-server':
        return this.#system.nats.restart();
      case 'dispatcher A':
      case 'dispatcher B':
        await this.#system.startService('dispatcher', REPLICA[victim]);
        return;
      default:
        await this.#system.startService(victim);
    }
  }

  async #projected(sinceSeq: number): Promise<void> {
    const accepted = await this.#system.log.first(subjects.state('*'), sinceSeq + 1);
    await this.#system.projected(accepted?.event?.setId ?? '');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

interface LabParts {
  readonly system: System;
  readonly smtp: SmtpServer;
  readonly seed: number;
  readonly mailbox: { onMail: (() => Promise<void>) | undefined };
  readonly stack: AsyncDisposableStack;
}

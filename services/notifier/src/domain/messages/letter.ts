/** What a message says, before it is text or HTML, so that both always say the same. */

/** `good`: as wished; `fair`: done or going on, with something to look at; `bad`: needs someone; `plain`: for information. */
export type Tone = 'good' | 'fair' | 'bad' | 'plain';

/** Items that came, or didn't come, the same way. */
export interface Segment {
  readonly kind: 'paid' | 'reused' | 'recovered' | 'failed' | 'waiting';
  readonly label: string;
  readonly count: number;
}

/** How far a set has come; segments without items are left out. */
export interface Progress {
  readonly summary: string;
  readonly segments: readonly Segment[];
}

export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** A failed item or a problem: where, what, and what to do about it. */
export interface Fault {
  readonly where: string;
  readonly problem: string;
  readonly remedy: string;
}

export interface FaultList {
  readonly heading: string;
  readonly faults: readonly Fault[];
}

/** Something to do, and the command that does it. */
export interface Step {
  readonly what: string;
  readonly command?: string;
}

/** Words of users are in here as they wrote them; whoever renders a letter makes them harmless. */
export interface Letter {
  readonly subject: string;
  readonly title: string;
  readonly description?: string;
  readonly status: { readonly label: string; readonly tone: Tone };
  /** What happened, in full: the first lines of the text part, and what a mail program shows beside the subject. */
  readonly lead: string;
  readonly progress?: Progress;
  readonly facts: readonly Fact[];
  readonly faults?: FaultList;
  readonly next: readonly Step[];
  /** To find the message's set by. */
  readonly setId: string;
}

/** A letter ready to be sent. */
export interface Message {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

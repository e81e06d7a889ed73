/** The content of a message about an event: the variables of its template, and its lists. */
import { shellWord } from '@setlist/contracts';
import type { NotableEvent, NoticeKind } from '../notice-kind.ts';
import { cancelledVariables } from './cancelled.ts';
import { completedFaults, completedVariables } from './completed.ts';
import type { Fault, Segment } from './letter.ts';
import { rejectedFaults, rejectedVariables } from './rejected.ts';
import { type Access, segmentsOf } from './set-parts.ts';
import { stalledVariables, unstalledVariables } from './stalled.ts';
import type { Variables } from './variables.ts';
import { harmless } from './wording.ts';

export interface Content {
  readonly setId: string;
  /** By name; each is one line without control characters, and empty if there is nothing to say. */
  readonly variables: Readonly<Record<string, string>>;
  readonly segments: readonly Segment[];
  readonly faults: readonly Fault[];
}

/** The system's addresses as seen from outside, as far as the operator gives them. */
export interface SeenAt {
  /** The console's address, to which messages link. */
  readonly consoleUrl?: string | undefined;
  /** The broker's addresses, for the commands in messages. */
  readonly servers?: readonly string[] | undefined;
}

/** The same event always gives the same content. */
export function contentOf(event: NotableEvent, seenAt: SeenAt): Content {
  const { variables, segments = [], faults = [] } = partsOf(event, accessTo(event.setId, seenAt));
  return {
    setId: event.setId,
    variables: Object.fromEntries(Object.entries(variables).map(([name, text]) => [name, harmless(text)])),
    segments,
    faults: faults.map(({ where, problem, remedy }) => ({
      where: harmless(where),
      problem: harmless(problem),
      remedy: harmless(remedy),
    })),
  };
}

const accessTo = (setId: string, { consoleUrl, servers }: SeenAt): Access => ({
  consoleUrl:
    consoleUrl === undefined ? '' : `${consoleUrl.replace(/\/+$/, '')}/sets/${encodeURIComponent(setId)}`,
  server: servers === undefined ? '' : shellWord(servers.join(',')),
});

interface Parts {
  readonly variables: Variables<NoticeKind>;
  readonly segments?: readonly Segment[];
  readonly faults?: readonly Fault[];
}

function partsOf(event: NotableEvent, access: Access): Parts {
  switch (event.name) {
    case 'SetRejected':
      return { variables: rejectedVariables(event, access), faults: rejectedFaults(event) };
    case 'SetCompleted':
      return {
        variables: completedVariables(event, access),
        segments: segmentsOf(event.data.counts),
        faults: completedFaults(event),
      };
    case 'SetStalled':
      return { variables: stalledVariables(event, access), segments: segmentsOf(event.data.counts) };
    case 'SetUnstalled':
      return { variables: unstalledVariables(event, access), segments: segmentsOf(event.data.counts) };
    case 'SetCancelled':
      return { variables: cancelledVariables(event, access), segments: segmentsOf(event.data.counts) };
    default:
      return event satisfies never;
  }
}

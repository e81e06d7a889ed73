/** What there is to say about an event: the variables of its template, and the lists that go with it. */
import type { NotableEvent, NoticeKind } from '../notice-kind.ts';
import { kindOf } from '../notice-kind.ts';
import { cancelledVariables } from './cancelled.ts';
import { completedFaults, completedVariables } from './completed.ts';
import type { Fault, Segment } from './letter.ts';
import { rejectedFaults, rejectedVariables } from './rejected.ts';
import { segmentsOf } from './set-parts.ts';
import { stalledVariables, unstalledVariables } from './stalled.ts';
import type { Variables } from './variables.ts';
import { harmless } from './wording.ts';

export interface Content {
  readonly kind: NoticeKind;
  readonly setId: string;
  /** By name; each one line, without controls; empty where there is nothing to say. */
  readonly variables: Readonly<Record<string, string>>;
  readonly segments: readonly Segment[];
  readonly faults: readonly Fault[];
}

/** The same event always gives the same content. `consoleUrl`: the console's address, where there is one. */
export function contentOf(event: NotableEvent, consoleUrl: string | undefined): Content {
  const { variables, segments = [], faults = [] } = partsOf(event, linkTo(event.setId, consoleUrl));
  return {
    kind: kindOf(event),
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

const linkTo = (setId: string, consoleUrl: string | undefined): string =>
  consoleUrl === undefined ? '' : `${consoleUrl.replace(/\/+$/, '')}/sets/${encodeURIComponent(setId)}`;

interface Parts {
  readonly variables: Variables<NoticeKind>;
  readonly segments?: readonly Segment[];
  readonly faults?: readonly Fault[];
}

function partsOf(event: NotableEvent, link: string): Parts {
  switch (event.name) {
    case 'SetRejected':
      return { variables: rejectedVariables(event), faults: rejectedFaults(event) };
    case 'SetCompleted':
      return {
        variables: completedVariables(event, link),
        segments: segmentsOf(event.data.counts),
        faults: completedFaults(event),
      };
    case 'SetStalled':
      return { variables: stalledVariables(event, link), segments: segmentsOf(event.data.counts) };
    case 'SetUnstalled':
      return { variables: unstalledVariables(event, link), segments: segmentsOf(event.data.counts) };
    case 'SetCancelled':
      return { variables: cancelledVariables(event, link), segments: segmentsOf(event.data.counts) };
    default:
      return event satisfies never;
  }
}

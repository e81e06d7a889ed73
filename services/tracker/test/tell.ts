/** Gives commands to a set, as `setlist` does. */
import {
  type Command,
  type CommandAnswer,
  commandAnswer,
  commandSubject,
  type SetSummary,
  type Verb,
} from '@setlist/contracts';
import { eventsOf, eventually, type SetEvents } from '@setlist/testkit';
import type { World } from './world.ts';

export const eventsOfRun = (n: number, items: number): SetEvents =>
  eventsOf(`20260105t09000${n}-k3f9q2`, items);

export type Rest<V extends Verb> = Omit<Extract<Command, { verb: V }>, 'verb' | 'setId' | 'who'>;

export async function tell<V extends Verb>(
  world: World,
  verb: V,
  setId: string,
  rest: Rest<V>,
): Promise<CommandAnswer> {
  const command = { verb, setId, who: 'jane@desk', ...rest };
  return commandAnswer.parse(await world.log.ask(commandSubject(verb), command, 20_000));
}

export const stateIs = (world: World, setId: string, state: SetSummary['state']) =>
  eventually(async () => (await world.summary(setId))?.state === state);

/** Commands: sent to the tracker in the caller's name, as the command line does. */
import { COMMANDS, type Command, type CommandAnswer, commandAnswer, VERBS } from '@setlist/contracts';
import { askCommand, NobodyAnswers } from '@setlist/eventlog';
import { z } from 'zod';
import type { Api, ConsoleDeps } from '../http/deps.ts';
import { setFor } from '../http/guard.ts';
import { HttpProblem, refusals } from '../http/problem.ts';
import { onceHeaders, setParams } from './parts.ts';

const summaries = {
  pause: 'Start nothing further until the set is resumed',
  resume: 'Continue a paused set',
  cancel: 'Start nothing further, for good; sounds in flight are finished and kept',
  prioritize: 'Change its share of the quota',
  retry: 'Request failed items again',
} as const;

/** Commands are idempotent: the second finds it in force (`already`), so a retry on a flaky network is harmless. */
export function steeringRoutes(api: Api, { mirror, log }: ConsoleDeps): void {
  for (const verb of VERBS) {
    const said = z.object(COMMANDS[verb].shape).omit({ verb: true, setId: true, who: true });
    // The body is optional.
    const body = said.safeParse({}).success ? said.nullable() : said;
    api.post(
      `/sets/:setId/${verb}`,
      {
        config: { scope: 'operate' },
        schema: {
          tags: ['commands'],
          summary: summaries[verb],
          params: setParams,
          headers: onceHeaders,
          body,
          response: { 200: commandAnswer, ...refusals },
        },
      },
      async ({ params: { setId }, body: wish, caller }) => {
        setFor(caller, mirror, setId);
        const command = { ...wish, verb, setId, who: caller.name } as Command;
        const answer = await ask(command);
        if (!answer.ok) throw new HttpProblem(409, { ...answer, detail: answer.message });
        return answer;
      },
    );
  }

  async function ask(command: Command): Promise<CommandAnswer> {
    try {
      return await askCommand(log, command);
    } catch (error) {
      if (!(error instanceof NobodyAnswers)) throw error;
      throw new HttpProblem(
        503,
        { code: 'no-tracker', detail: 'no tracker answers', remedy: 'Start the tracker, then try again.' },
        { cause: error },
      );
    }
  }
}

/** Commands: asked of the tracker, as the command line does, in the caller's name. */
import { COMMANDS, type Command, type CommandAnswer, commandAnswer, VERBS } from '@setlist/contracts';
import { askCommand, NobodyAnswers } from '@setlist/eventlog';
import { z } from 'zod';
import type { Api, ConsoleDeps } from '../http/deps.ts';
import { setFor } from '../http/guard.ts';
import { HttpProblem } from '../http/problem.ts';
import { onceHeaders, refusals, setParams } from './parts.ts';

const summaries = {
  pause: 'Begin nothing further until it is resumed',
  resume: 'Go on with a paused set',
  cancel: 'Pay nothing further; what is in flight ends and is kept',
  prioritize: 'Change its share of the quota',
  retry: 'Ask again for what failed',
} as const;

/** A command may be given twice: the second finds it in force (`already`), so a repeat by a flaky network is harmless. */
export function steeringRoutes(api: Api, { mirror, log }: ConsoleDeps): void {
  for (const verb of VERBS) {
    const said = z.object(COMMANDS[verb].shape).omit({ verb: true, setId: true, who: true });
    // There may be nothing to say.
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

/** Submits a set file: checks it, hands it to ingest like any drop, and answers with what the log then says. */
import { runOptions } from '@setlist/admission';
import { setId, subjects } from '@setlist/contracts';
import { BrokerUnavailable } from '@setlist/eventlog';
import { sleep } from '@setlist/runtime';
import type { SetTerms } from '@setlist/set-file';
import { z } from 'zod';
import type { Caller } from '../access/caller.ts';
import type { Api, ConsoleDeps } from '../http/deps.ts';
import { refusals } from '../http/problem.ts';
import { type CheckTerms, checkUpload, mustHold, setFileRefused } from '../set-files/check.ts';
import { handOverTo } from '../set-files/hand-over.ts';
import { SET_FILE_TYPES, type Upload, uploadOf } from '../set-files/upload.ts';
import { onceHeaders } from './parts.ts';
import { runQuery, setFileBody } from './set-file-query.ts';

export const submitted = z.object({
  setId: z.string(),
  state: z
    .enum(['accepted', 'waiting'])
    .describe('waiting: ingest has not accepted it yet; it will be at GET /sets/{setId}'),
});

/** How long to wait for ingest and tracker, in ms, before answering without them. */
const TAKEN_IN_WITHIN_MS = 3_000;
const LOOK_EVERY_MS = 50;

export function submitRoutes(api: Api, deps: ConsoleDeps): void {
  const { settings, log } = deps;
  const handOver = handOverTo(settings.INBOX, deps.outputOf);

  api.post(
    '/sets',
    {
      config: { scope: 'operate' },
      schema: {
        tags: ['set files'],
        summary: 'Submit a set file: it is accepted as a whole, or refused as a whole with every problem',
        consumes: SET_FILE_TYPES,
        querystring: runQuery,
        headers: onceHeaders,
        body: setFileBody,
        response: { 201: submitted, 202: submitted, ...refusals },
      },
    },
    async (request, reply) => {
      const { caller, once } = request;
      const { fileName: named } = request.query;
      const options = runOptions(request.query);
      const upload = uploadOf(request);
      const check = { fileName: named, options, settings, now: new Date(log.clock.now()) };
      const { name } = await held(upload, check, caller);
      const run = await handOver({ upload, fileName: named, options, once });
      const id = setId(name, run);
      request.log.info(
        { event: 'set-submitted', set: id, who: caller.name },
        `${named} is submitted as ${id}`,
      );
      const state = await takenIn(deps, id, { fileName: named, caller });
      return reply
        .code(state === 'accepted' ? 201 : 202)
        .header('location', `/api/v1/sets/${id}`)
        .send({ setId: id, state });
    },
  );
}

/** The set in the file, which is released by then. Throws an `HttpProblem` if the file is not valid. */
async function held(upload: Upload, check: CheckTerms, caller: Caller): Promise<SetTerms> {
  await using checked = await checkUpload(upload, check);
  return mustHold(checked, check.fileName, caller).set;
}

/**
 * Whether the set can be found within a moment. Throws an `HttpProblem` with every problem if it is refused; a broker
 * that is away is not a refusal, since the file has been handed over.
 */
async function takenIn(
  { log, mirror }: Pick<ConsoleDeps, 'log' | 'mirror'>,
  id: string,
  { fileName, caller }: { readonly fileName: string; readonly caller: Caller },
): Promise<z.infer<typeof submitted>['state']> {
  try {
    for (const ends = performance.now() + TAKEN_IN_WITHIN_MS; performance.now() < ends; ) {
      const event = (await log.first(subjects.state(id)))?.event;
      if (event?.name === 'SetRejected') throw setFileRefused(fileName, event.data, caller);
      if (event !== undefined && mirror.get(id) !== undefined) return 'accepted';
      await sleep(LOOK_EVERY_MS);
    }
  } catch (error) {
    if (!(error instanceof BrokerUnavailable)) throw error;
  }
  return 'waiting';
}

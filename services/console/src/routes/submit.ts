/** Submitting a set file: checked here, handed to ingest as any drop is, and what the log then says of it. */
import { setId, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { sleep } from '@setlist/runtime';
import { z } from 'zod';
import type { Api, ConsoleDeps } from '../http/deps.ts';
import { checkUpload, mustHold, setFileRefused } from '../set-files/check.ts';
import { handOverTo } from '../set-files/hand-over.ts';
import { SET_FILE_TYPES, uploadOf } from '../set-files/upload.ts';
import { onceHeaders, refusals } from './parts.ts';
import { optionsOf, runQuery, setFileBody } from './set-file-query.ts';

const submitted = z.object({
  setId: z.string(),
  state: z
    .enum(['accepted', 'waiting'])
    .describe('waiting: ingest has not taken it in yet; GET /sets/{setId} is where it will be'),
});

/** How long ingest may take until the answer goes out without its word. */
const TAKEN_IN_WITHIN_MS = 3_000;
const LOOK_EVERY_MS = 50;

export function submitRoutes(api: Api, { settings, log, outputOf }: ConsoleDeps): void {
  const handOver = handOverTo(settings.INBOX, outputOf);

  api.post(
    '/sets',
    {
      config: { scope: 'operate' },
      schema: {
        tags: ['set files'],
        summary: 'Submit a set file: accepted whole, or refused whole with every problem',
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
      const options = optionsOf(request.query);
      const upload = uploadOf(request);
      const check = { fileName: named, options, settings, now: new Date(log.clock.now()) };
      await using checked = await checkUpload(upload, check);
      const { set } = mustHold(checked, named, caller);
      const run = await handOver({ upload, fileName: named, options, once });
      const id = setId(set.name, run);
      request.log.info(
        { event: 'set-submitted', setId: id, who: caller.name },
        `${named} is submitted as ${id}`,
      );
      const state = await takenIn(log, id, named);
      return reply
        .code(state === 'accepted' ? 201 : 202)
        .header('location', `/api/v1/sets/${id}`)
        .send({ setId: id, state });
    },
  );
}

/** What the log says of the set within a moment. Throws an `HttpProblem` with every problem where it is refused. */
async function takenIn(
  log: Pick<EventLog, 'first'>,
  id: string,
  fileName: string,
): Promise<z.infer<typeof submitted>['state']> {
  for (const ends = performance.now() + TAKEN_IN_WITHIN_MS; performance.now() < ends; ) {
    const event = (await log.first(subjects.state(id)))?.event;
    if (event?.name === 'SetRejected') throw setFileRefused(fileName, event.data);
    if (event !== undefined) return 'accepted';
    await sleep(LOOK_EVERY_MS);
  }
  return 'waiting';
}

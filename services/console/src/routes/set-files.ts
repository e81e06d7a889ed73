/** Checks and plans set files before they are submitted: their problems, and what a run would make and cost. */
import { LARGE_BYTES, planOf, runOptions, wholeSet } from '@setlist/admission';
import { Slots } from '@setlist/runtime';
import { z } from 'zod';
import { planAnswer, planAnswerSchema } from '../domain/plan-answer.ts';
import { setFileProblemSchema } from '../domain/set-file-problem.ts';
import { untilCallerLeaves } from '../http/caller-left.ts';
import type { Api, ConsoleDeps } from '../http/deps.ts';
import { refusals } from '../http/problem.ts';
import { type Checked, checkUpload, mustHold } from '../set-files/check.ts';
import { SET_FILE_TYPES, uploadOf } from '../set-files/upload.ts';
import { limit } from './parts.ts';
import { fileName, runQuery, setFileBody } from './set-file-query.ts';

export const validation = z.object({
  ok: z.boolean(),
  fileName: z.string(),
  set: z.string().optional(),
  prefix: z.string().optional(),
  items: z.int().optional(),
  billedCharacters: z.int().optional(),
  problems: z.array(setFileProblemSchema).describe('the first thousand, by position'),
  problemCount: z.int().describe('how many problems there are in total'),
  warnings: z.array(setFileProblemSchema),
});

/** A plan holds all its items in memory: of those that can have a million, one is made at a time. */
const largePlans = new Slots(1);

export function setFileRoutes(api: Api, deps: ConsoleDeps): void {
  validateRoute(api, deps);
  planRoute(api, deps);
}

function validateRoute(api: Api, { settings, log }: ConsoleDeps): void {
  api.post(
    '/validate',
    {
      schema: {
        tags: ['set files'],
        summary: 'Everything that is wrong with a set file, by line and column; has no effect',
        consumes: SET_FILE_TYPES,
        querystring: z.object({ fileName }),
        body: setFileBody,
        response: { 200: validation, ...refusals },
      },
    },
    async (request, reply) => {
      const named = request.query.fileName;
      const signal = untilCallerLeaves(reply);
      const check = { fileName: named, options: {}, settings, now: brokerTime(log), signal };
      await using checked = await checkUpload(uploadOf(request), check);
      return validationOf(named, checked);
    },
  );
}

function planRoute(api: Api, { settings, log, store }: ConsoleDeps): void {
  api.post(
    '/plan',
    {
      schema: {
        tags: ['set files'],
        summary:
          'What a run of a set file would make and cost: items that are new, changed, cached or gone; price and time. Spends nothing',
        consumes: SET_FILE_TYPES,
        querystring: runQuery
          .pick({ fileName: true, fresh: true, maxUsd: true })
          .extend({ items: limit(1_000, 100) }),
        body: setFileBody,
        response: { 200: planAnswerSchema, ...refusals },
      },
    },
    async (request, reply) => {
      const { query, caller } = request;
      const signal = untilCallerLeaves(reply);
      const upload = uploadOf(request);
      using _turn = upload.bytes < LARGE_BYTES ? undefined : await largePlans.take(signal);
      const options = runOptions(query);
      const check = { fileName: query.fileName, options, settings, now: brokerTime(log), signal };
      await using checked = await checkUpload(upload, check);
      const holds = mustHold(checked, query.fileName, caller);
      const { PROVIDER: provider } = settings;
      const asked = { provider, terms: holds.terms, settings, log, store, signal };
      const whole = await wholeSet(holds.set, holds.file, signal);
      const plan = await planOf(whole, asked);
      const view = { provider, items: query.items, caller };
      return { ...planAnswer(plan, view), warnings: [...holds.warnings] };
    },
  );
}

const brokerTime = ({ clock }: ConsoleDeps['log']): Date => new Date(clock.now());

function validationOf(fileName: string, checked: Checked): z.infer<typeof validation> {
  const warnings = [...checked.warnings];
  if (!checked.ok) {
    const { problems, problemCount } = checked;
    return { ok: false, fileName, problems: [...problems], problemCount, warnings };
  }
  const { set, survey } = checked;
  return {
    ok: true,
    fileName,
    set: set.name,
    prefix: set.prefix,
    items: survey.itemCount,
    billedCharacters: survey.lanes.reduce((sum, { billedCharacters }) => sum + billedCharacters, 0),
    problems: [],
    problemCount: 0,
    warnings,
  };
}

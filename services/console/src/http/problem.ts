/** Turns every refusal into a problem document (RFC 9457): what is wrong, and what to do about it. */
import { LexiconsUnknown } from '@setlist/admission';
import { BrokerUnavailable } from '@setlist/eventlog';
import { Rarely } from '@setlist/runtime';
import { StoreError } from '@setlist/storage';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type SetFileProblem, setFileProblemSchema } from '../domain/set-file-problem.ts';

const PROBLEM_TYPE = 'application/problem+json';

/** `type` is always `about:blank`: as everywhere in Setlist, `code` tells kinds of problems apart. */
const problemSchema = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    code: z.string().describe('the kind of problem; stable'),
    detail: z.string().describe('what is wrong'),
    remedy: z.string().describe('what to do'),
    problems: z
      .array(setFileProblemSchema)
      .optional()
      .describe('for a refused set file: its first thousand problems'),
    problemCount: z.int().optional().describe('how many problems there are in total'),
  })
  .describe('RFC 9457');
/** Refusals that any route can answer with. */
export const refusals = { '4xx': problemSchema, 503: problemSchema } as const;

type ProblemDocument = z.infer<typeof problemSchema>;

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Conflict',
  410: 'Gone',
  412: 'Changed meanwhile',
  413: 'Too large',
  415: 'Unknown content type',
  421: 'Unknown host',
  422: 'Refused',
  429: 'Too many requests',
  503: 'Unavailable',
};

/** Fields that only some kinds of problems have. */
export interface ProblemExtension {
  readonly problems?: readonly SetFileProblem[];
  readonly problemCount?: number;
}

interface Said {
  readonly code: string;
  readonly detail: string;
  readonly remedy: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly more?: ProblemExtension;
}

/** Thrown by a route to end a request with a problem. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly status: number;
  readonly code: string;
  readonly remedy: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly more: ProblemExtension;

  constructor(status: number, said: Said, options?: ErrorOptions) {
    super(said.detail, options);
    this.status = status;
    this.code = said.code;
    this.remedy = said.remedy;
    this.headers = said.headers ?? {};
    this.more = said.more ?? {};
  }
}

export const notFound = (what: string): HttpProblem =>
  new HttpProblem(404, {
    code: 'not-found',
    detail: `there is no ${what} here`,
    remedy: 'GET /api/v1/sets lists the sets that you can see.',
  });

function problemOf(error: HttpProblem): ProblemDocument {
  const { status, code, message, remedy, more } = error;
  const title = TITLES[status] ?? 'Problem';
  const { problems, ...rest } = more;
  const document = { type: 'about:blank' as const, title, status, code, detail: message, remedy, ...rest };
  return problems === undefined ? document : { ...document, problems: [...problems] };
}

export function sendProblem(reply: FastifyReply, problem: HttpProblem): FastifyReply {
  return reply
    .code(problem.status)
    .headers(problem.headers)
    .type(PROBLEM_TYPE)
    .serializer((document: unknown) => JSON.stringify(document))
    .send(problemOf(problem));
}

/** How long to suppress repeats of a log entry about the same trouble: a page repeats its requests. */
const TELL_AGAIN_MS = 60_000;

type ErrorHandler = (error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply) => void;

/** Answers any error with a problem; an unexpected one is logged, and its details are not shown. */
export function errorHandler(): ErrorHandler {
  const rarely = new Rarely(TELL_AGAIN_MS);
  return (error, request, reply) => {
    const problem = foreseen(error, request);
    if (error instanceof StoreError) {
      const { code, remedy } = error;
      request.log.warn({ code, remedy, err: error }, 'a request needed the store, which could not serve it');
    } else if (error instanceof LexiconsUnknown) {
      const { code, remedy } = error;
      request.log.warn({ code, remedy, err: error }, 'a request needed lexicons, which could not be read');
    } else if (problem?.status === 503) {
      tellOnce(problem, request, rarely);
    } else if (problem === undefined) {
      request.log.error(
        { err: error, method: request.method, route: request.routeOptions.url },
        'a request failed',
      );
    }
    void sendProblem(reply, problem ?? unforeseen());
  };
}

/** The answer doesn't say what caused it; the log does. */
function tellOnce(problem: HttpProblem, { log }: FastifyRequest, rarely: Rarely): void {
  const { code, remedy, message } = problem;
  // Logged where it happens, with what the operator has to do.
  if (code === 'no-room' || !rarely.isDue(code)) return;
  log.warn({ code, remedy, err: problem }, `a request could not be served: ${message}`);
}

const unforeseen = (): HttpProblem =>
  new HttpProblem(500, {
    code: 'internal',
    detail: 'something unexpected happened here',
    remedy: 'Try again; if it happens again, see the console’s log.',
  });

function foreseen(error: FastifyError | Error, { raw }: FastifyRequest): HttpProblem | undefined {
  if (error instanceof HttpProblem) return error;
  if (!raw.complete && (error as NodeJS.ErrnoException).code === 'ECONNRESET') return cutOff(error);
  if (error instanceof BrokerUnavailable) {
    const { code, message: detail, remedy } = error;
    return new HttpProblem(503, { code, detail, remedy, headers: { 'retry-after': '5' } }, { cause: error });
  }
  if (error instanceof StoreError) return storeUnavailable(error);
  if (error instanceof LexiconsUnknown) return lexiconsUnknown(error);
  if (hasZodFastifySchemaValidationErrors(error)) {
    const said = error.validation.map(({ instancePath, message }) => `${instancePath || '/'}: ${message}`);
    return new HttpProblem(400, {
      code: 'invalid-request',
      detail: `${error.validationContext ?? 'request'}: ${said.join('; ')}`,
      remedy: 'See /reference for what this address accepts.',
    });
  }
  const { statusCode, code } = error as FastifyError;
  if (statusCode === undefined || statusCode >= 500) return undefined;
  return new HttpProblem(statusCode, {
    code: statusCode === 429 ? 'too-many-requests' : kebab(code),
    detail: error.message,
    remedy:
      statusCode === 429
        ? 'Wait as long as Retry-After says.'
        : 'See /reference for what this address accepts.',
  });
}

/** The error's own message names folders, buckets and permissions, which only the operator may see: it is logged. */
function storeUnavailable(error: StoreError): HttpProblem {
  const said = {
    code: `store-${error.code}`,
    detail: 'the folder or bucket where this is kept is unavailable',
    remedy: 'Ask again in a moment; if it lasts, see the console’s log.',
    headers: { 'retry-after': '5' },
  };
  return new HttpProblem(503, said, { cause: error });
}

/** The error's own message has the provider's words, which can name accounts and roles: it is logged. */
function lexiconsUnknown(error: LexiconsUnknown): HttpProblem {
  const { code, remedy } = error;
  const detail = 'the lexicons that the set names can’t be read';
  return new HttpProblem(503, { code, detail, remedy, headers: { 'retry-after': '5' } }, { cause: error });
}

/** The client disconnected while sending: nobody reads this answer, and nothing is wrong on this side. */
const cutOff = (cause: Error): HttpProblem =>
  new HttpProblem(
    400,
    {
      code: 'request-cut-off',
      detail: 'the request ended before it was complete',
      remedy: 'Send it again.',
    },
    { cause },
  );

/** Turns `FST_ERR_CTP_INVALID_MEDIA_TYPE` into `invalid-media-type`. */
const kebab = (code: string | undefined): string =>
  (code ?? 'bad-request')
    .replace(/^FST_ERR_(CTP_)?/, '')
    .toLowerCase()
    .replaceAll('_', '-');

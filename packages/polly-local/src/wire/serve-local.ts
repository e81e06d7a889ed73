/** Endpoints that Polly doesn't have: call counts, and faults that tests can change. */
import { isLoopback } from '@setlist/runtime';
import type { CallStats } from '../call-stats.ts';
import { type Faults, faultsSchema } from '../faults.ts';
import { parseInput } from '../operations/operation.ts';
import { sendJson } from './answer.ts';
import { ApiError } from './api-error.ts';
import type { Request, Response } from './http1-and-2.ts';
import { readJson } from './read-body.ts';

/** Answers `/_local/…`; false for every other path. */
export function localHandler(stats: CallStats, faults: Faults) {
  return async (request: Request, response: Response): Promise<boolean> => {
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    switch (`${request.method} ${path}`) {
      case 'GET /_local/stats':
        return sent(sendJson(response, 200, stats.report(new URLSearchParams(query).get('calls') === '1')));
      case 'PUT /_local/faults':
        return sent(changeFaults(request, response, faults));
      default:
        return false;
    }
  };
}

async function changeFaults(request: Request, response: Response, faults: Faults): Promise<unknown> {
  if (!isLoopback(request.socket.remoteAddress ?? '')) {
    return sendJson(response, 403, { message: 'Faults can be changed from this machine only' });
  }
  try {
    faults.set(parseInput(faultsSchema, await readJson(request, response)));
    return sendJson(response, 200, faults.settings);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return sendJson(response, error.status, { message: error.message });
  }
}

async function sent(reply: Promise<unknown>): Promise<true> {
  await reply;
  return true;
}

/** Bodies that come in pieces: an error of their source is told apart from an error of the store they go to. */
import { errnoOf, folderError } from './folder/errors.ts';

/** Passes the pieces on. If they come from a file that can't be read, the error names it and not the store's file. */
export async function* piecesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    const path = pathOf(error);
    throw path === undefined ? error : folderError(error, `Cannot read ${path}`);
  }
}

/** The file that an error of the operating system names, if any. */
const pathOf = (error: unknown): string | undefined =>
  errnoOf(error) !== undefined && error instanceof Error && 'path' in error && typeof error.path === 'string'
    ? error.path
    : undefined;

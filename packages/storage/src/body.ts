/** Bodies that come in pieces: what they themselves end in says where they come from, and nothing of where they go. */
import { errnoOf, folderError } from './folder/errors.ts';

/** The same pieces. A file that they can't be read from is named by the error, and not taken for the store's own. */
export async function* piecesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    const path = pathOf(error);
    throw path === undefined ? error : folderError(error, `Cannot read ${path}`);
  }
}

/** The file of which an error of the operating system speaks, if it does of any. */
const pathOf = (error: unknown): string | undefined =>
  errnoOf(error) !== undefined && error instanceof Error && 'path' in error && typeof error.path === 'string'
    ? error.path
    : undefined;

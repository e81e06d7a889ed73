/** A dropped file once it is kept in the store and checked: the basis of the decision and the source of its items. */

import {
  type CheckedSetFile,
  COMPAT_HINT,
  lexiconDigests,
  namesTooManyLexicons,
  nameWithoutExtension,
  type OpenSetFile,
  type SetSurvey,
  type SoundTerms,
  type ValidSetFile,
} from '@setlist/admission';
import { type EventOf, type Provider, setId } from '@setlist/contracts';
import { tooLarge } from '@setlist/set-file';
import { keepSetFile } from '../adapters/keep-set-file.ts';
import { fetchKept } from '../adapters/kept-file.ts';
import type { SetFileSource } from '../domain/set-events.ts';
import type { DropDeps } from './drop-deps.ts';
import type { Dropped } from './dropped.ts';

/** Keeps its file open until disposed of. */
export interface CheckedDrop extends AsyncDisposable {
  readonly dropped: Dropped;
  readonly setId: string;
  readonly source: SetFileSource;
  readonly file: OpenSetFile;
}

/** A valid set, and the file that its items come from. */
export interface CheckedSet extends ValidSetFile {
  readonly file: OpenSetFile;
}

/** A set's first event can't be read (yet), or says that a file was accepted which this version refuses. */
export class BeginningUnclear extends Error {
  override readonly name = 'BeginningUnclear';
  readonly code = 'beginning-unclear';
  readonly remedy = 'If this persists, a newer version of Setlist may have written it: start that version.';
}

/** Keeps the file in the store before checking it, so that its bytes outlive it. Undefined if the file is gone. */
export async function checkDrop(dropped: Dropped, deps: DropDeps): Promise<CheckedDrop | undefined> {
  const { fileName, run, uri } = dropped;
  const { COMPAT: compat } = deps.settings;
  const seen = await dropped.look();
  if (seen === undefined) return undefined;
  const { bytes, sha256 } = seen;
  const kept =
    sha256 === undefined ? undefined : await keepSetFile(deps.store, fileName, { ...seen, sha256 });
  const file = kept
    ? await deps.open(seen, { fileName, compat, compatHint: COMPAT_HINT })
    : unreadFile(bytes);
  const { checked } = file;
  const name = checked.ok ? checked.set.name : checked.name;
  return {
    dropped,
    setId: setId(name ?? nameWithoutExtension(fileName), run),
    source: { uri, bytes, ...(kept && { kept }) },
    file,
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}

/** Stands for a file that is too large to be read as a set file. */
function unreadFile(bytes: number): OpenSetFile {
  const checked: CheckedSetFile = { ok: false, problems: [tooLarge(bytes)], problemCount: 1, warnings: [] };
  return { checked, async *items() {}, [Symbol.asyncDispose]: async () => undefined };
}

/** The set as it was accepted, from the bytes that the acceptance names, whatever the file holds by now. */
export async function acceptedSet(
  checkedDrop: CheckedDrop,
  begun: EventOf<'SetAccepted'>,
  { deps, stack }: { readonly deps: DropDeps; readonly stack: AsyncDisposableStack },
): Promise<CheckedSet> {
  const { source, compat } = begun.data;
  const same = checkedDrop.source.kept?.sha256 === source.sha256 && compat === deps.settings.COMPAT;
  if (same && checkedDrop.file.checked.ok) return { ...checkedDrop.file.checked, file: checkedDrop.file };
  const kept = stack.use(await fetchKept(deps.store, source.keptAs));
  const file = stack.use(await deps.open(kept, { fileName: source.keptAs, compat }));
  if (file.checked.ok) return { ...file.checked, file };
  throw new BeginningUnclear(
    `${source.keptAs} was accepted for ${checkedDrop.setId}, but this version refuses it`,
  );
}

/** Digests of the lexicons that the set names; none, and nobody is asked, if it is refused for naming too many. */
export async function knownLexicons(
  survey: SetSurvey,
  { log }: Pick<DropDeps, 'log'>,
  provider: Provider,
): Promise<SoundTerms['lexicons']> {
  if (namesTooManyLexicons(survey)) return new Map();
  return await lexiconDigests(log, provider, new Set(survey.lexicons.map(({ name }) => name)));
}

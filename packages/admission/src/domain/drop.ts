/** The names of a set file in a watched folder, which contain the run id once it is claimed. */
import { isRunId, REPORT_ENDINGS, shortFileName, splitFileName } from '@setlist/contracts';
import { optionsOfToken, optionsToken, type RunOptions } from './run-options.ts';

/** A claimed file. */
export interface Drop {
  /** The watched folder, absolute. */
  readonly inbox: string;
  /** Its name while it is claimed: run id, options, `~`, file name. All of this survives a crash. */
  readonly entry: string;
  readonly run: string;
  readonly options: RunOptions;
  /** Its original name, shortened where the file system could not hold what we add to it. */
  readonly fileName: string;
}

const SEPARATOR = '~';
const SET_FILE = /\.(ya?ml|json)$/i;

/** Whether a file is one of our reports on a set file. */
export const isReport = (name: string): boolean =>
  Object.values(REPORT_ENDINGS).some((ending) => name.endsWith(ending));

/** Whether a file is a set file by its name: a `.yml`, `.yaml` or `.json` that is neither hidden nor a report. */
export const isSetFile = (name: string): boolean =>
  !name.startsWith('.') && SET_FILE.test(name) && !isReport(name);

/** The drop of a file under a run id. */
export function dropOf(
  inbox: string,
  { run, options = {} }: { readonly run: string; readonly options?: RunOptions },
  name: string,
): Drop {
  const claim = `${run}${optionsToken(options)}${SEPARATOR}`;
  const fileName = shortFileName(name, Buffer.byteLength(claim));
  return { inbox, entry: `${claim}${fileName}`, run, options, fileName };
}

/** The drop of a claimed entry; `undefined` if the entry is not ours. */
export function dropOfEntry(inbox: string, entry: string): Drop | undefined {
  const at = entry.indexOf(SEPARATOR);
  const [run = ''] = entry.slice(0, Math.max(0, at)).split('+', 1);
  const options = optionsOfToken(entry.slice(run.length, Math.max(run.length, at)));
  const fileName = entry.slice(at + 1);
  if (!isRunId(run) || options === undefined || fileName === '') return undefined;
  return { inbox, entry, run, options, fileName };
}

/** The file's name with its run id, used where its own name is taken: `act-1.20261122t205012-k3f9q2.yml`. */
export function nameWithRun({ fileName, run }: Drop): string {
  const { stem, extension } = splitFileName(fileName);
  return `${stem}.${run}${extension}`;
}

/** The name of a set whose file does not give one. */
export const nameWithoutExtension = (fileName: string): string => splitFileName(fileName).stem;

/** The extension in lower case, without its dot; empty where there is none. */
export const extensionOf = (fileName: string): string =>
  splitFileName(fileName).extension.slice(1).toLowerCase();

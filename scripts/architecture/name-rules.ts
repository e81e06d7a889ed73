/** Rules about names: only the contracts spell subjects, and no file has an unspecific name. */
import type { Finding, SourceTree } from './source-tree.ts';

const HOME_OF_NAMES = '@setlist/contracts';
/** Subjects, event types, streams, buckets and JetStream's own subjects. */
const NAME_ON_THE_BROKER = /^(setlist\.($|[\w*>-]+\.)|SETLIST_[A-Z]|\$JS\.|\$KV\.)/;
/** Settings files name environment variables, which look like streams; metrics are named like subjects. */
const LOOKS_ALIKE = /\/config\.ts$|^packages\/runtime\/src\/telemetry\/catalogue\.ts$/;
const GRAB_BAG = /(^|\/)(utils?|commons?|helpers?|managers?|misc)(\.ts|\/)/;

/** Tests may spell a name to pin it; production code gets it from the contracts. */
export function subjectFindings(tree: SourceTree): Finding[] {
  return [...tree.files.values()]
    .filter((file) => file.workspace.name !== HOME_OF_NAMES && !file.forTests && !LOOKS_ALIKE.test(file.path))
    .flatMap((file) =>
      file.facts.strings
        .filter(({ text }) => NAME_ON_THE_BROKER.test(text))
        .map(({ text, line }) => ({
          file: file.path,
          line,
          rule: 'subject-spelling',
          message: `"${text}" is spelt here. Let ${HOME_OF_NAMES} build it, so that it is spelt in one place.`,
        })),
    );
}

export function fileNameFindings(tree: SourceTree): Finding[] {
  return [...tree.files.keys()]
    .filter((path) => GRAB_BAG.test(path))
    .map((file) => ({ file, line: 1, rule: 'file-name', message: 'name it for what it is about.' }));
}

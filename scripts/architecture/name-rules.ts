/** Rules about names: subjects are spelt in the contracts only, and no file is named for nothing in particular. */
import type { Finding, SourceTree } from './source-tree.ts';

const HOME_OF_NAMES = '@setlist/contracts';
/** Subjects, event types, streams, buckets and JetStream's own subjects. */
const NAME_ON_THE_BROKER = /^(setlist\.($|[\w*>-]+\.)|SETLIST_[A-Z]|\$JS\.|\$KV\.)/;
/** A file of settings names environment variables, which look like streams; metrics are named as subjects are. */
const LOOKS_ALIKE = /\/config\.ts$|^packages\/runtime\/src\/telemetry\/catalogue\.ts$/;
const GRAB_BAG = /(^|\/)(utils?|commons?|helpers?|managers?|misc)(\.ts|\/)/;

/** Tests may spell a name to pin it down; production code asks the contracts. */
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
          message: `"${text}" is spelt here. Have ${HOME_OF_NAMES} build it, so that it has one home.`,
        })),
    );
}

export function fileNameFindings(tree: SourceTree): Finding[] {
  return [...tree.files.keys()]
    .filter((path) => GRAB_BAG.test(path))
    .map((file) => ({ file, line: 1, rule: 'file-name', message: 'name it for what it is about.' }));
}

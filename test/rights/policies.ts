/** The policies in deploy/iam with their placeholders filled in, and their verdict on a call. */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../deploy/iam/', import.meta.url));
const ANYTHING_IN_A_PATTERN = /[\\^$.|?+()[\]{}]/g;

interface Statement {
  readonly Sid: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

/** An action on a resource: `s3:GetObject` of `arn:aws:s3:::bucket/key`. */
export interface Deed {
  readonly action: string;
  readonly resource: string;
}

/** The statements of each service. */
export class Policies {
  readonly #statements: ReadonlyMap<string, readonly Statement[]>;

  /** @param places replacements for each `<NAME>` in the policies; one without any stays, and matches nothing */
  constructor(places: Readonly<Record<string, string>>) {
    const policies = globSync('*.json', { cwd: FOLDER }).map((file) => {
      const text = readFileSync(join(FOLDER, file), 'utf8');
      const filled = text.replaceAll(/<([A-Z_]+)>/g, (whole, name: string) => places[name] ?? whole);
      return [basename(file, '.json'), (JSON.parse(filled) as { Statement: Statement[] }).Statement] as const;
    });
    this.#statements = new Map(policies);
  }

  /** The name of the statement that allows a service an action. */
  allowing(service: string, { action, resource }: Deed): string | undefined {
    const statement = this.#statements
      .get(service)
      ?.find(
        ({ Action, Resource }) => Action.includes(action) && Resource.some((each) => matches(each, resource)),
      );
    return statement?.Sid;
  }

  /** Every action that a service may do, with its statement's name. */
  allowed(service: string): string[] {
    const statements = this.#statements.get(service) ?? [];
    return statements.flatMap(({ Sid, Action }) => Action.map((action) => `${Sid} ${action}`));
  }
}

function matches(pattern: string, resource: string): boolean {
  const literal = pattern.replaceAll(ANYTHING_IN_A_PATTERN, '\\$&');
  return new RegExp(`^${literal.replaceAll('*', '.*')}$`, 's').test(resource);
}

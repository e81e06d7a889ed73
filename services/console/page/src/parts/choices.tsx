/** A choice of one among a few visible options, each with a count. */
import { grouped } from './figures.ts';

export interface ChoicesProps<T extends string> {
  readonly label: string;
  readonly chosen: T;
  readonly options: readonly { readonly value: T; readonly name: string; readonly count: number }[];
  choose(value: T): void;
}

export function Choices<T extends string>({ label, chosen, options, choose }: ChoicesProps<T>) {
  return (
    <fieldset class="choices" aria-label={label}>
      {options.map(({ value, name, count }) => (
        <button key={value} type="button" aria-pressed={value === chosen} onClick={() => choose(value)}>
          {name} <span class="count">{grouped(count)}</span>
        </button>
      ))}
    </fieldset>
  );
}

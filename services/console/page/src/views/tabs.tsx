/** Tabs above one panel; arrow keys move between them (WAI-ARIA Authoring Practices). */
import { isChord } from '../parts/chord.ts';

export interface TabsProps<T extends string> {
  readonly names: readonly T[];
  readonly chosen: T;
  choose(name: T): void;
}

export function Tabs<T extends string>({ names, chosen, choose }: TabsProps<T>) {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isChord(event)) return;
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    const to = (names.indexOf(chosen) + step + names.length) % names.length;
    const name = names[to];
    if (name === undefined) return;
    event.preventDefault();
    choose(name);
    (event.currentTarget as HTMLElement).querySelectorAll('button')[to]?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="Parts of the set" tabIndex={-1} onKeyDown={onKeyDown}>
      {names.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          aria-selected={name === chosen}
          aria-controls="tab-panel"
          tabIndex={name === chosen ? 0 : -1}
          onClick={() => choose(name)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}

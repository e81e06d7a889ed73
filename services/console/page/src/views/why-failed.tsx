/** Why an item failed and what to do, in full, since a row has room for one line only. */
import { useEffect, useRef } from 'preact/hooks';
import type { Item } from '../api/types.ts';
import { countOf, sentence } from '../parts/figures.ts';
import { Icon } from '../parts/icon.tsx';
import { languageTag } from '../parts/language-tag.ts';
import { steer } from './commands.tsx';

export interface WhyFailedProps {
  readonly index: number;
  readonly item: Item | undefined;
  /** Present if it can be retried. */
  readonly setId?: string;
  close(): void;
}

export function WhyFailed({ index, item, setId, close }: WhyFailedProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const { text, language, file, voice, code, message = '', remedy = '', tries } = item ?? {};
  return (
    <dialog ref={dialog} aria-labelledby="why-title" onClose={close}>
      <form method="dialog" class="why">
        <h2 id="why-title">Item {index} failed</h2>
        <p dir="auto" lang={languageTag(language)}>
          “{text}”
        </p>
        <p class="row-why">{sentence(message)}</p>
        <p>{sentence(remedy)}</p>
        <p class="hint small break">
          {[file, voice, code, tries && `tried ${countOf(tries, 'time')}`].filter(Boolean).join(' · ')}
        </p>
        <div class="tools">
          {setId && (
            <button
              type="submit"
              class="main"
              onClick={() => steer(setId, 'retry', { indexes: [index] }, `Item ${index} requested again.`)}
            >
              <Icon name="again" />
              Retry it
            </button>
          )}
          <button type="submit">Close</button>
        </div>
      </form>
    </dialog>
  );
}

/** Opens a set file that is dropped anywhere on the page, or chosen, in the editor, which checks it. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { go } from '../router.ts';
import { draftOf } from '../state/draft.ts';
import { Icon } from './icon.tsx';
import { say, trying } from './notices.tsx';

const SET_FILE = /\.(ya?ml|json)$/i;

async function take(file: File | undefined): Promise<void> {
  if (!file) return;
  if (!SET_FILE.test(file.name)) {
    say(`${file.name} is not a set file: its name must end in .yml, .yaml or .json.`, 'refused');
    return;
  }
  await trying(async () => {
    if (await draftOf(file)) go('/new');
  });
}

export function FileDrop() {
  const isOver = useSignal(false);
  useEffect(() => {
    const gone = new AbortController();
    // Before the editor, which would insert the file into its text.
    const options = { signal: gone.signal, capture: true };
    const holdsFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
    const over = (event: DragEvent): void => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      isOver.value = true;
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) isOver.value = false;
    };
    const drop = (event: DragEvent): void => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      isOver.value = false;
      void take(event.dataTransfer?.files[0]);
    };
    addEventListener('dragover', over, options);
    addEventListener('dragleave', leave, options);
    addEventListener('drop', drop, options);
    return () => gone.abort();
  }, []);
  return isOver.value ? (
    <div class="drop-zone">
      <strong>Drop the set file</strong>
      <span class="hint">It is checked, and its plan is shown, before anything happens.</span>
    </div>
  ) : null;
}

/** The same without drag and drop. */
export function FileButton({ says }: { says: string }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" onClick={() => input.current?.click()}>
        <Icon name="open" />
        {says}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept=".yml,.yaml,.json"
        aria-label="Set file"
        onChange={({ currentTarget }) => {
          void take(currentTarget.files?.[0]);
          currentTarget.value = '';
        }}
      />
    </>
  );
}

/** Takes a set file that is dropped anywhere on the page, and opens it in the editor, where it is checked. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { go } from '../router.ts';
import { draftOf } from '../state/draft.ts';
import { say } from './notices.tsx';

const SET_FILE = /\.(ya?ml|json)$/i;

export function FileDrop() {
  const isOver = useSignal(false);
  useEffect(() => {
    const over = (event: DragEvent): void => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      isOver.value = true;
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) isOver.value = false;
    };
    const drop = (event: DragEvent): void => {
      event.preventDefault();
      isOver.value = false;
      void take(event.dataTransfer?.files[0]);
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
    };
  }, []);
  return isOver.value ? (
    <div class="drop-zone">Drop the set file: it is checked before anything happens.</div>
  ) : null;
}

export async function take(file: File | undefined): Promise<void> {
  if (!file) return;
  if (!SET_FILE.test(file.name)) {
    say(`${file.name} is no set file: its name must end in .yml, .yaml or .json.`, 'refused');
    return;
  }
  await draftOf(file);
  go('/new');
}

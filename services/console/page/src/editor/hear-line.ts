/** Has the local engine, which is free, speak one item, so that writers can hear it before submitting. */
import { type BlockInfo, type EditorView, GutterMarker, gutter } from '@codemirror/view';
import { postFile } from '../api/client.ts';
import { say } from '../parts/notices.tsx';
import { playFetched } from '../parts/player.tsx';
import { draft } from '../state/draft.ts';

/** Where an item begins: `  - text: …`, or another of its keys first. */
const ITEM = /^\s*- +["']?[\w-]+["']?\s*:/;

class HearMarker extends GutterMarker {
  override eq(): boolean {
    return true;
  }

  override toDOM(): Node {
    const mark = document.createElement('span');
    mark.textContent = '▶';
    mark.title = 'Hear this item';
    return mark;
  }
}

const marker = new HearMarker();

/** A mark beside each item; a click on it plays the item. */
export const hearGutter = gutter({
  class: 'cm-hear',
  lineMarker: ({ state }, { from, to }) => (ITEM.test(state.sliceDoc(from, to)) ? marker : null),
  domEventHandlers: {
    click: (editor: EditorView, { from, to }: BlockInfo) => {
      if (ITEM.test(editor.state.sliceDoc(from, to))) void hear(editor, from);
      return true;
    },
  },
});

export function hearAtCursor(editor: EditorView): boolean {
  void hear(editor, editor.state.selection.main.head);
  return true;
}

async function hear({ state }: EditorView, place: number): Promise<void> {
  const { number } = state.doc.lineAt(place);
  const query = new URLSearchParams({ fileName: draft.value.fileName, line: String(number) });
  await playFetched(async () => {
    const response = await postFile(`/preview?${query}`, state.doc.toString());
    if (response.status === 204) {
      say('There is no item at or above this line.', 'refused');
      return undefined;
    }
    const about = { setId: '', index: -1, title: `Line ${number}`, of: 'by the local engine' };
    return { audio: await response.blob(), about };
  });
}

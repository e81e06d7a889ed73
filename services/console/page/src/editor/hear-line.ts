/** Speaks the item at the cursor by the local engine, which is free, so that a writer hears it before submitting. */
import type { EditorView } from '@codemirror/view';
import { call } from '../api/client.ts';
import { say, trying } from '../parts/notices.tsx';
import { playBlob } from '../parts/player.tsx';

export async function hearLine(editor: EditorView): Promise<void> {
  const line = editor.state.doc.lineAt(editor.state.selection.main.head).number;
  await trying(async () => {
    const response = await call(`/preview?line=${line}`, {
      method: 'POST',
      headers: { 'content-type': 'application/yaml' },
      body: editor.state.doc.toString(),
    });
    if (response.status === 204) return say('No item begins at or above this line.', 'refused');
    await playBlob(await response.blob(), `line ${line}, by the local engine`);
  });
}

/**
 * The editor of set files. It lives in a shadow root: there its style sheets are adopted, which the page's content
 * security policy allows, where it would forbid them as elements.
 */
import { autocompletion, closeBrackets, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import {
  defaultHighlightStyle,
  indentOnInput,
  StreamLanguage,
  syntaxHighlighting,
} from '@codemirror/language';
import { yaml } from '@codemirror/legacy-modes/mode/yaml';
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { EditorState, type Text } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { useEffect, useRef } from 'preact/hooks';
import type { Problem } from '../api/types.ts';
import { draft } from '../state/draft.ts';
import { completeSetFile } from './complete-set-file.ts';
import { hearLine } from './hear-line.ts';
import { editorTheme } from './theme.ts';

export function SetFileEditor({ text, problems }: { text: string; problems: readonly Problem[] }) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView>(undefined);
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open', delegatesFocus: true });
    editor.current = new EditorView({
      root,
      parent: root,
      state: EditorState.create({ doc: draft.value.text, extensions }),
    });
    return () => editor.current?.destroy();
  }, []);
  useEffect(() => {
    const view = editor.current;
    if (view && text !== view.state.doc.toString()) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    }
  }, [text]);
  useEffect(() => {
    const view = editor.current;
    if (view)
      view.dispatch(
        setDiagnostics(
          view.state,
          problems.map((problem) => diagnosticOf(problem, view.state.doc)),
        ),
      );
  }, [problems]);
  return (
    <div class="editor-frame">
      <div ref={host} class="editor" />
      <button type="button" class="quiet" onClick={() => editor.current && hearLine(editor.current)}>
        ▶ Hear the line at the cursor
      </button>
    </div>
  );
}

const extensions = [
  lineNumbers(),
  history(),
  drawSelection(),
  indentOnInput(),
  closeBrackets(),
  highlightActiveLine(),
  syntaxHighlighting(defaultHighlightStyle, { fallback: true }),
  StreamLanguage.define(yaml),
  lintGutter(),
  autocompletion({ override: [completeSetFile] }),
  keymap.of([...defaultKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap]),
  EditorView.lineWrapping,
  EditorView.contentAttributes.of({ 'aria-label': 'Set file' }),
  EditorView.updateListener.of(({ docChanged, state }) => {
    if (docChanged) draft.value = { ...draft.value, text: state.doc.toString() };
  }),
  editorTheme,
];

/** From the problem's place to the end of its line. */
function diagnosticOf({ line, column, message, remedy }: Problem, doc: Text): Diagnostic {
  const at = doc.line(Math.min(Math.max(1, line), doc.lines));
  const from = Math.min(at.from + column - 1, at.to);
  return { from, to: Math.max(from, at.to), severity: 'error', message: `${message}. ${remedy}` };
}

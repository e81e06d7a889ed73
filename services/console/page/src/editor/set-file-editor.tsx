/**
 * The editor of set files. It lives in a shadow root, where its style sheets are adopted: the page's content security
 * policy allows that, but would forbid them as elements.
 */
import { autocompletion, closeBrackets, completionKeymap } from '@codemirror/autocomplete';
import { history, historyKeymap, standardKeymap } from '@codemirror/commands';
import { indentOnInput, StreamLanguage } from '@codemirror/language';
import { yaml } from '@codemirror/legacy-modes/mode/yaml';
import { type Diagnostic, nextDiagnostic, setDiagnostics } from '@codemirror/lint';
import { EditorState, type Text } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { useEffect, useRef } from 'preact/hooks';
import type { Problem } from '../api/types.ts';
import { sentences } from '../parts/figures.ts';
import { draft, edit, opened } from '../state/draft.ts';
import { completeSetFile } from './complete-set-file.ts';
import { hearAtCursor, hearGutter } from './hear-line.ts';
import { editorTheme } from './theme.ts';

export interface SetFileEditorProps {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** Called with the editor once it exists. */
  onReady(editor: EditorView): void;
}

export function SetFileEditor({ problems, warnings, onReady }: SetFileEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView>(undefined);
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open', delegatesFocus: true });
    const state = EditorState.create({ doc: draft.peek().text, extensions });
    editor.current = new EditorView({ root, parent: root, state });
    onReady(editor.current);
    return () => editor.current?.destroy();
  }, []);
  // Typed text goes from the editor to the draft and never back, which would undo what was typed meanwhile.
  useEffect(() => {
    const view = editor.current;
    const { text } = draft.peek();
    if (!view || text === view.state.doc.toString()) return;
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
  }, [opened.value]);
  useEffect(() => {
    const view = editor.current;
    if (!view) return;
    const { doc } = view.state;
    const found = [
      ...problems.map((problem) => diagnosticOf(problem, 'error', doc)),
      ...warnings.map((problem) => diagnosticOf(problem, 'warning', doc)),
    ];
    view.dispatch(setDiagnostics(view.state, found));
  }, [problems, warnings]);
  return <div ref={host} class="editor" />;
}

/** Where a problem begins. */
export function placeOf({ line, column }: Problem, doc: Text): number {
  const at = doc.line(Math.min(Math.max(1, line), doc.lines));
  return Math.min(at.from + Math.max(0, column - 1), at.to);
}

/** From the problem's place to the end of its line. */
function diagnosticOf(problem: Problem, severity: 'error' | 'warning', doc: Text): Diagnostic {
  const from = placeOf(problem, doc);
  const to = Math.max(from, doc.lineAt(from).to);
  return { from, to, severity, message: sentences(problem) };
}

const extensions = [
  lineNumbers(),
  hearGutter,
  history(),
  drawSelection(),
  indentOnInput(),
  closeBrackets(),
  highlightActiveLine(),
  StreamLanguage.define(yaml),
  autocompletion({ override: [completeSetFile], icons: false }),
  keymap.of([
    // On a Mac, Mod is Cmd.
    { key: 'Mod-Enter', run: hearAtCursor },
    { key: 'Ctrl-Enter', run: hearAtCursor },
    ...completionKeymap,
    { key: 'F8', run: nextDiagnostic },
    ...historyKeymap,
    ...standardKeymap,
  ]),
  EditorView.lineWrapping,
  EditorView.contentAttributes.of({ 'aria-label': 'Set file', spellcheck: 'false' }),
  EditorView.updateListener.of(({ docChanged, state }) => {
    if (docChanged) edit({ text: state.doc.toString() });
  }),
  editorTheme,
];

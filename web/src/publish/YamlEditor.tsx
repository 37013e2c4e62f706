import { yaml } from '@codemirror/lang-yaml';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { tags } from '@lezer/highlight';
import { basicSetup, EditorView } from 'codemirror';
import { useEffect, useEffectEvent, useImperativeHandle, useRef } from 'react';
import type { TemplateProblem } from '../../../contracts/templates/template.ts';
import { offsetOf } from './templateText.ts';
import classes from './YamlEditor.module.css';

/** Colors that follow the theme, with a contrast of at least 4.5:1 on the editor's background. */
const colors = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--berth-busy-text)' },
  { tag: [tags.string, tags.content], color: 'var(--mantine-color-text)' },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: 'var(--berth-warn-text)' },
  { tag: [tags.comment, tags.meta], color: 'var(--mantine-color-dimmed)' },
]);

export interface EditorHandle {
  /** Puts the cursor there; lines and columns count from 1. */
  goTo: (line: number, column: number) => void;
}

interface Props {
  label: string;
  /** The initial text. */
  initial: string;
  problems: readonly TemplateProblem[];
  onChange: (text: string) => void;
  ref: React.Ref<EditorHandle>;
}

const diagnostic = (text: string, { level, line, column, field, detail }: TemplateProblem): Diagnostic => {
  const from = offsetOf(text, line, column);
  const lineEnd = text.indexOf('\n', from);
  return {
    from,
    to: lineEnd === -1 ? text.length : lineEnd,
    severity: level,
    message: field === '' ? detail : `${field} ${detail}`,
  };
};

/** An editor for template.yaml that marks problems in the text. */
export function YamlEditor({ label, initial, problems, onChange, ref }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const changed = useEffectEvent(onChange);
  const opening = useEffectEvent(() => ({ label, initial }));

  useEffect(() => {
    if (box.current === null) return;
    const { label, initial } = opening();
    const state = EditorState.create({
      doc: initial,
      extensions: [
        basicSetup,
        yaml(),
        lintGutter(),
        syntaxHighlighting(colors),
        EditorView.contentAttributes.of({ 'aria-label': label, autocapitalize: 'off', tabindex: '0' }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) changed(update.state.doc.toString());
        }),
      ],
    });
    const created = new EditorView({ state, parent: box.current });
    view.current = created;
    return () => created.destroy();
  }, []);

  useEffect(() => {
    const { current } = view;
    if (current === undefined) return;
    const text = current.state.doc.toString();
    current.dispatch(
      setDiagnostics(
        current.state,
        problems.map((problem) => diagnostic(text, problem)),
      ),
    );
  }, [problems]);

  useImperativeHandle(ref, () => ({
    goTo: (line, column) => {
      const { current } = view;
      if (current === undefined) return;
      const anchor = offsetOf(current.state.doc.toString(), line, column);
      current.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) });
      current.focus();
    },
  }));

  return <div ref={box} className={classes['box']} />;
}

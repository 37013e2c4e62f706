import { Button, Stack, Switch, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconUpload } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useBlocker, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useRef, useState } from 'react';
import type { TemplateProblem } from '../../../contracts/template-checks.ts';
import { useTemplateActs } from '../api/mutations.ts';
import { lintQuery, previewFileQuery } from '../api/templateQueries.ts';
import { notifyDone } from '../lib/notify.ts';
import { sentenceOf } from '../lib/problem.ts';
import { nameInFile } from '../lib/templates.ts';
import cardClasses from './Card.module.css';
import { Card } from './Card.tsx';
import { Columns } from './Columns.tsx';
import { GeneralErrors } from './GeneralErrors.tsx';
import { LoadingState } from './LoadingState.tsx';
import { Preview } from './Preview.tsx';
import { TemplateProblems } from './TemplateProblems.tsx';
import type { EditorHandle } from './YamlEditor.tsx';

const YamlEditor = lazy(() =>
  import('../components/YamlEditor.tsx').then(({ YamlEditor }) => ({ default: YamlEditor })),
);

/** Milliseconds without a keystroke after which the file is checked. */
const pause = 400;

export interface Source {
  file: string;
  readme?: string | undefined;
}

/** Once nothing is wrong with the file. */
function FilePreview({ name, file }: { name: string; file: string }) {
  const query = useQuery({ ...previewFileQuery(name, file), placeholderData: keepPreviousData });
  return (
    <Card title="What it makes">
      <Preview query={query} />
    </Card>
  );
}

/** What is edited, checked a moment after each change, and published. */
const useDraft = (opened: Source) => {
  const [file, setFile] = useState(opened.file);
  const [readme, setReadme] = useState(opened.readme ?? '');
  const [promote, setPromote] = useState(true);
  const name = nameInFile(file);
  const [settled] = useDebouncedValue(file, pause);
  const settledName = nameInFile(settled);
  const withReadme = readme.trim() !== '';
  const lint = useQuery({
    ...lintQuery(settledName ?? '', settled, withReadme),
    enabled: settledName !== undefined,
    placeholderData: keepPreviousData,
  });
  const { publish } = useTemplateActs(name ?? '');
  const navigate = useNavigate();
  const changed = file !== opened.file || readme !== (opened.readme ?? '');

  useBlocker({
    shouldBlockFn: () => changed && !publish.isSuccess && !window.confirm('Leave without publishing what you changed?'),
    enableBeforeUnload: () => changed && !publish.isSuccess,
  });

  const send = () =>
    publish.mutate(
      { file, promote, ...(withReadme ? { readme } : {}) },
      {
        onSuccess: ({ template, version, published }) => {
          notifyDone(published ? `Version ${version} is published.` : `Version ${version} is the same already.`);
          void navigate({ to: '/templates/$template', params: { template }, ignoreBlocker: true });
        },
      },
    );
  const checking = settled !== file || lint.isFetching;
  return { file, setFile, readme, setReadme, promote, setPromote, name, settled, lint, publish, send, checking };
};

/** A template while it is written: its file with what is wrong with it, its README, and a way to publish both. */
export function TemplateDraft({ opened }: { opened: Source }) {
  const editor = useRef<EditorHandle>(null);
  const draft = useDraft(opened);
  const { name, lint, checking, publish } = draft;
  const nameless: TemplateProblem = {
    level: 'error',
    line: 1,
    column: 1,
    field: 'name',
    detail: 'is missing. Give the template one in lower case, as in "name: my-template".',
  };
  const problems = name === undefined ? [nameless] : (lint.data?.problems ?? []);
  const ready = name !== undefined && !checking && lint.data?.ok === true;
  return (
    <Columns side={340}>
      <Stack gap="lg">
        <Suspense fallback={<LoadingState what="the editor" />}>
          <YamlEditor
            ref={editor}
            label="template.yaml"
            initial={opened.file}
            problems={problems}
            onChange={draft.setFile}
          />
        </Suspense>
        <Textarea
          label="README.md"
          description="Shown with the template. Markdown; its HTML is left out."
          autosize
          minRows={4}
          maxRows={16}
          value={draft.readme}
          onChange={(event) => draft.setReadme(event.currentTarget.value)}
        />
      </Stack>
      <Stack gap="lg">
        <section className={`berth-card ${cardClasses['card']}`} aria-label="Publish">
          {publish.isError && <GeneralErrors lines={[sentenceOf(publish.error)]} />}
          <Switch
            label="Make it the active version"
            description="New workspaces get it at once. Off, it waits to be promoted."
            checked={draft.promote}
            onChange={(event) => draft.setPromote(event.currentTarget.checked)}
          />
          <div>
            <Button
              leftSection={<IconUpload size={18} aria-hidden />}
              loading={publish.isPending}
              disabled={!ready}
              onClick={draft.send}
            >
              Publish {name ?? ''}
            </Button>
          </div>
        </section>
        {lint.isError && <GeneralErrors lines={[sentenceOf(lint.error)]} />}
        <TemplateProblems
          problems={problems}
          checking={checking && name !== undefined}
          goTo={(line, column) => editor.current?.goTo(line, column)}
        />
        {ready && <FilePreview name={name} file={draft.settled} />}
      </Stack>
    </Columns>
  );
}

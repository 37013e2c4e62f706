import { Button, Stack, Switch, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconUpload } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useBlocker, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useRef, useState } from 'react';
import type { TemplateProblem } from '../../../contracts/templates/template.ts';
import { useTemplateMutations } from '../api/mutations.ts';
import { lintQuery, previewFileQuery } from '../api/templateQueries.ts';
import { errorMessage } from '../lib/errors.ts';
import { notifyDone } from '../lib/notify.ts';
import { Preview } from '../templates/Preview.tsx';
import { GeneralErrors } from '../ui/feedback/GeneralErrors.tsx';
import { LoadingState } from '../ui/feedback/Load.tsx';
import cardClasses from '../ui/layout/Card.module.css';
import { Card } from '../ui/layout/Card.tsx';
import { Columns } from '../ui/layout/Columns.tsx';
import { TemplateProblems } from './TemplateProblems.tsx';
import { nameInFile } from './templateText.ts';
import type { EditorHandle } from './YamlEditor.tsx';

const YamlEditor = lazy(() => import('./YamlEditor.tsx').then(({ YamlEditor }) => ({ default: YamlEditor })));

/** Milliseconds after the last keystroke before the file is checked. */
const debounceMs = 400;

export interface Source {
  file: string;
  readme?: string | undefined;
}

/** Shown once the file has no errors. */
function FilePreview({ name, file }: { name: string; file: string }) {
  const query = useQuery({ ...previewFileQuery(name, file), placeholderData: keepPreviousData });
  return (
    <Card title="Resources">
      <Preview query={query} />
    </Card>
  );
}

/** The state of the editor, its checks, and publishing. */
const useDraft = (opened: Source) => {
  const [file, setFile] = useState(opened.file);
  const [readme, setReadme] = useState(opened.readme ?? '');
  const [promote, setPromote] = useState(true);
  const name = nameInFile(file);
  const [settled] = useDebouncedValue(file, debounceMs);
  const settledName = nameInFile(settled);
  const withReadme = readme.trim() !== '';
  const lint = useQuery({
    ...lintQuery(settledName ?? '', settled, withReadme),
    enabled: settledName !== undefined,
    placeholderData: keepPreviousData,
  });
  const { publish } = useTemplateMutations(name ?? '');
  const navigate = useNavigate();
  const changed = file !== opened.file || readme !== (opened.readme ?? '');

  useBlocker({
    shouldBlockFn: () => changed && !publish.isSuccess && !window.confirm('Leave without publishing your changes?'),
    enableBeforeUnload: () => changed && !publish.isSuccess,
  });

  const send = () =>
    publish.mutate(
      { file, promote, ...(withReadme ? { readme } : {}) },
      {
        onSuccess: ({ template, version, published }) => {
          notifyDone(
            published ? `Published version ${version}.` : `Nothing to publish: version ${version} is identical.`,
          );
          void navigate({ to: '/templates/$template', params: { template }, ignoreBlocker: true });
        },
      },
    );
  const checking = settled !== file || lint.isFetching;
  return { file, setFile, readme, setReadme, promote, setPromote, name, settled, lint, publish, send, checking };
};

/** Edits template.yaml and README.md, shows the problems, and publishes. */
export function TemplateDraft({ opened }: { opened: Source }) {
  const editor = useRef<EditorHandle>(null);
  const draft = useDraft(opened);
  const { name, lint, checking, publish } = draft;
  const nameless: TemplateProblem = {
    level: 'error',
    line: 1,
    column: 1,
    field: 'name',
    detail: 'is missing. Add one in lowercase, for example "name: my-template".',
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
          description="Markdown, shown on the template’s page. HTML is removed."
          autosize
          minRows={4}
          maxRows={16}
          value={draft.readme}
          onChange={(event) => draft.setReadme(event.currentTarget.value)}
        />
      </Stack>
      <Stack gap="lg">
        <section className={`berth-card ${cardClasses['card']}`} aria-label="Publish">
          {publish.isError && <GeneralErrors lines={[errorMessage(publish.error)]} />}
          <Switch
            label="Make this the active version"
            description="New workspaces use it immediately. If off, you can promote it later."
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
        {lint.isError && <GeneralErrors lines={[errorMessage(lint.error)]} />}
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

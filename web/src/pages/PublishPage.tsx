import { Button, Group, Loader, Stack, Switch, Text, Textarea, Title, UnstyledButton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconUpload } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, useBlocker, useNavigate } from '@tanstack/react-router';
import { lazy, type Ref, Suspense, useRef, useState } from 'react';
import type { TemplateProblem } from '../../../contracts/template-checks.ts';
import { useTemplateActs } from '../api/mutations.ts';
import { lintQuery, meQuery, previewFileQuery, templateSourceQuery } from '../api/queries.ts';
import { GeneralErrors } from '../components/GeneralErrors.tsx';
import { Load } from '../components/Load.tsx';
import { LoadingState } from '../components/LoadingState.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { Preview } from '../components/Preview.tsx';
import cardClasses from '../components/SettingsCard.module.css';
import type { EditorHandle } from '../components/YamlEditor.tsx';
import { notifyDone } from '../lib/notify.ts';
import { sentenceOf } from '../lib/problem.ts';
import { maintainsTemplates } from '../lib/roles.ts';
import { starterTemplate } from '../lib/starterTemplate.ts';
import { nameInFile } from '../lib/templates.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import { NotFoundPage } from './NotFoundPage.tsx';
import classes from './PublishPage.module.css';

const YamlEditor = lazy(() =>
  import('../components/YamlEditor.tsx').then(({ YamlEditor }) => ({ default: YamlEditor })),
);

const route = getRouteApi('/shell/publish');

/** Milliseconds without a keystroke after which the file is checked. */
const pause = 400;

interface Source {
  file: string;
  readme?: string | undefined;
}

interface ProblemsProps {
  problems: readonly TemplateProblem[];
  checking: boolean;
  goTo: EditorHandle['goTo'];
}

function Problems({ problems, checking, goTo }: ProblemsProps) {
  const errors = problems.filter(({ level }) => level === 'error').length;
  const words = errors === 0 ? 'It can be published.' : `${errors} ${errors === 1 ? 'mistake' : 'mistakes'}`;
  return (
    <section className={`berth-card ${cardClasses['card']}`} aria-labelledby="problems">
      <Group gap="sm">
        <Title order={2} size="h4" id="problems">
          Checks
        </Title>
        {checking && <Loader size={16} aria-hidden />}
      </Group>
      <Text role="status" size="sm" c={errors > 0 ? 'var(--mantine-color-error)' : 'dimmed'}>
        {checking ? 'Checking…' : words}
      </Text>
      {problems.length > 0 && (
        <ul className={classes['problems']}>
          {problems.map(({ level, line, column, field, detail }) => (
            <li key={`${line}:${column}:${detail}`}>
              <UnstyledButton className={classes['problem']} data-level={level} onClick={() => goTo(line, column)}>
                <b>
                  {line}:{column}
                </b>{' '}
                {field} {detail}
              </UnstyledButton>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** Once nothing is wrong with the file. */
function FilePreview({ name, file }: { name: string; file: string }) {
  const query = useQuery({ ...previewFileQuery(name, file), placeholderData: keepPreviousData });
  return (
    <section className={`berth-card ${cardClasses['card']}`} aria-labelledby="makes">
      <Title order={2} size="h4" id="makes">
        What it makes
      </Title>
      <Preview query={query} />
    </section>
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

function Draft({ opened, editor }: { opened: Source; editor: Ref<EditorHandle> }) {
  const draft = useDraft(opened);
  const { name, lint, checking, publish } = draft;
  const handle = editor as { current: EditorHandle | null };
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
    <div className={classes['columns']}>
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
        <Problems
          problems={problems}
          checking={checking && name !== undefined}
          goTo={(line, column) => handle.current?.goTo(line, column)}
        />
        {ready && <FilePreview name={name} file={draft.settled} />}
      </Stack>
    </div>
  );
}

/** The text of a template, or what a new one begins with. */
const useSource = (template: string | undefined) => {
  const query = useQuery({ ...templateSourceQuery(template ?? ''), enabled: template !== undefined });
  return template === undefined ? { ...query, data: { file: starterTemplate } as Source } : query;
};

/** Publishes a template, or another version of one, for those who maintain them. */
export function PublishPage() {
  const { template } = route.useSearch();
  const { data: me } = useQuery(meQuery);
  const source = useSource(template);
  const editor = useRef<EditorHandle>(null);
  const title = template === undefined ? 'Publish a template' : `New version of ${template}`;
  usePageTitle(title);
  if (me === undefined) return <LoadingState what="your account" />;
  if (!maintainsTemplates(me)) {
    return <NotFoundPage description="Templates are published by admins and template admins." />;
  }
  return (
    <Stack gap="lg">
      <PageHeading
        title={title}
        about="What you publish is checked first, and becomes a version that never changes. “berth template push” does the same from a folder."
      />
      <Load query={source} what="the template">
        {(opened) => <Draft key={template ?? ''} opened={opened} editor={editor} />}
      </Load>
    </Stack>
  );
}

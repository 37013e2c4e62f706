import { Alert, Button, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useCreateWorkspace } from '../api/mutations.ts';
import { ownNamesQuery } from '../api/queries.ts';
import { type TemplateWithActive, templateQuery } from '../api/templateQueries.ts';
import { AppIcon } from '../components/AppIcon.tsx';
import { Load } from '../components/Load.tsx';
import { ParameterFields } from '../components/ParameterField.tsx';
import { StopPolicyLine } from '../components/StopPolicyLine.tsx';
import { checkName } from '../lib/names.ts';
import { checkForm, fieldOf, givenParameters, openingValues } from '../lib/parameters.ts';
import { formErrors, isNotFound } from '../lib/problem.ts';
import { suggestName } from '../lib/suggestName.ts';
import { useFormErrors } from '../lib/useFormErrors.ts';
import { useFormKey } from '../lib/useFormKey.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import { NoSuchTemplate } from './NotFoundPage.tsx';

const route = getRouteApi('/shell/new/$template');

/** The form's state, and what becomes of it when it is sent. */
const useCreateForm = ({ name: template, active }: TemplateWithActive, suggested: string) => {
  const definitions = active.parameters;
  const [name, setName] = useState(suggested);
  const [values, setValues] = useState(() => openingValues(definitions));
  const { form, errors, refuse, forgive, clear } = useFormErrors();
  const create = useCreateWorkspace();
  const keyFor = useFormKey();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wrongName = checkName(name);
    const fields = { ...(wrongName === undefined ? {} : { name: wrongName }), ...checkForm(definitions, values) };
    if (Object.keys(fields).length > 0) return refuse({ fields });
    clear();
    const body = { name, template, version: active.version, parameters: givenParameters(definitions, values) };
    create.mutate(
      { body, idempotencyKey: keyFor(body) },
      {
        onError: (error) => refuse(formErrors(error, ['name', ...definitions.map(fieldOf)])),
      },
    );
  };

  return {
    form,
    name,
    values,
    errors,
    submit,
    busy: create.isPending || create.isSuccess,
    rename: (next: string) => {
      setName(next);
      forgive('name');
    },
    change: (parameter: string, value: (typeof values)[string]) => {
      setValues((values) => ({ ...values, [parameter]: value }));
      forgive(fieldOf({ name: parameter }));
    },
  };
};

function CreateForm({ template, suggested }: { template: TemplateWithActive; suggested: string }) {
  const { form, name, values, errors, submit, busy, rename, change } = useCreateForm(template, suggested);
  const { active } = template;
  return (
    <form ref={form} onSubmit={submit} noValidate className="berth-card">
      <Stack gap="lg" p={{ base: 'md', sm: 'xl' }}>
        {template.deprecated !== undefined && (
          <Alert color="yellow" title="This template is deprecated">
            It takes no new workspaces. {template.deprecated.message}
          </Alert>
        )}
        {errors.general.length > 0 && (
          <Alert color="red" title="The workspace was not created" role="alert">
            {errors.general.map((line) => (
              <div key={line}>{line}</div>
            ))}
          </Alert>
        )}
        <TextInput
          id="name"
          label="Name"
          description="Lower-case letters, digits and hyphens. Its apps have it in their address."
          required
          value={name}
          error={errors.fields['name']}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => rename(event.currentTarget.value)}
        />
        <ParameterFields definitions={active.parameters} values={values} errors={errors.fields} onChange={change} />
        <StopPolicyLine stop={active.stop} />
        <Group>
          <Button type="submit" loading={busy} disabled={template.deprecated !== undefined}>
            Create
          </Button>
          <Button variant="default" renderRoot={(props) => <Link to="/templates" {...props} />}>
            Another template
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

export function CreatePage() {
  const { template: name } = route.useParams();
  const template = useQuery(templateQuery(name));
  const names = useQuery(ownNamesQuery);
  usePageTitle(`New ${template.data?.displayName ?? 'workspace'}`);
  if (isNotFound(template.error)) return <NoSuchTemplate />;
  return (
    <Load query={template} what="the template" whole>
      {(template) => (
        <Stack gap="lg" maw={720} mx="auto">
          <Group wrap="nowrap" align="flex-start">
            <AppIcon name={template.icon} size={38} />
            <div>
              <Title order={1} size="h2">
                New {template.displayName} workspace
              </Title>
              <Text c="dimmed">{template.description}</Text>
            </div>
          </Group>
          <Load query={names} what="the form">
            {(taken) => <CreateForm key={name} template={template} suggested={suggestName(name, taken)} />}
          </Load>
        </Stack>
      )}
    </Load>
  );
}

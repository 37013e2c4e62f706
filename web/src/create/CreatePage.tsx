import { Alert, Button, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useCreateWorkspace } from '../api/mutations.ts';
import { ownNamesQuery } from '../api/queries.ts';
import { type TemplateWithActive, templateQuery } from '../api/templateQueries.ts';
import { useIdempotencyKey } from '../api/useIdempotencyKey.ts';
import { formErrors, isNotFound } from '../lib/errors.ts';
import { useFormErrors } from '../lib/useFormErrors.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import { suggestName } from '../templates/newWorkspace.ts';
import { PriceLine } from '../templates/PriceLine.tsx';
import { checkForm, fieldOf, givenParameters, initialValues } from '../templates/parameterForm.ts';
import { StopPolicyLine } from '../templates/StopPolicyLine.tsx';
import { AppIcon } from '../ui/elements/AppIcon.tsx';
import { Load } from '../ui/feedback/Load.tsx';
import { NoSuchTemplate } from '../ui/feedback/NotFoundPage.tsx';
import { checkName } from './checkName.ts';
import { ParameterFields } from './ParameterField.tsx';
import { isPrefilled, type Prefill, prefillOf } from './prefill.ts';

const route = getRouteApi('/shell/new/$template');

/** The state of the form and its submission. */
const useCreateForm = ({ name: template, active }: TemplateWithActive, suggested: string, prefill: Prefill) => {
  const definitions = active.parameters;
  const [name, setName] = useState(prefill.name ?? suggested);
  const [values, setValues] = useState(() => ({ ...initialValues(definitions), ...prefill.values }));
  // Values from a link are checked immediately; empty fields only when the form is submitted.
  const [wrongLink] = useState(() => {
    const given = definitions.filter((definition) => definition.name in prefill.values);
    const wrongName = prefill.name === undefined ? undefined : checkName(prefill.name);
    return { ...(wrongName === undefined ? {} : { name: wrongName }), ...checkForm(given, values), ...prefill.wrong };
  });
  const { form, errors, showErrors, clearField, clearAll } = useFormErrors(wrongLink);
  const create = useCreateWorkspace();
  const keyFor = useIdempotencyKey();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wrongName = checkName(name);
    const fields = { ...(wrongName === undefined ? {} : { name: wrongName }), ...checkForm(definitions, values) };
    if (Object.keys(fields).length > 0) return showErrors({ fields });
    clearAll();
    const body = { name, template, version: active.version, parameters: givenParameters(definitions, values) };
    create.mutate(
      { body, idempotencyKey: keyFor(body) },
      {
        onError: (error) => showErrors(formErrors(error, ['name', ...definitions.map(fieldOf)])),
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
      clearField('name');
    },
    change: (parameter: string, value: (typeof values)[string]) => {
      setValues((values) => ({ ...values, [parameter]: value }));
      clearField(fieldOf({ name: parameter }));
    },
  };
};

/** Asks the person to review values that another person’s link filled in. */
function PrefillNotice({ prefill }: { prefill: Prefill }) {
  if (prefill.unknown.length > 0) {
    return (
      <Alert color="yellow" title="The link has unknown parameters">
        The template has no parameter {prefill.unknown.map((name) => `“${name.slice(0, 60)}”`).join(', ')}. The other
        values are filled in. Review them before you create the workspace.
      </Alert>
    );
  }
  if (!isPrefilled(prefill)) return null;
  return <Alert color="sea">A link filled in this form. Review it before you create the workspace.</Alert>;
}

interface FormProps {
  template: TemplateWithActive;
  suggested: string;
  search: Record<string, string>;
}

function CreateForm({ template, suggested, search }: FormProps) {
  const { active } = template;
  const prefill = prefillOf(active.parameters, search);
  const { form, name, values, errors, submit, busy, rename, change } = useCreateForm(template, suggested, prefill);
  return (
    <form ref={form} onSubmit={submit} noValidate className="berth-card">
      <Stack gap="lg" p={{ base: 'md', sm: 'xl' }}>
        {template.deprecated !== undefined && (
          <Alert color="yellow" title="This template is deprecated">
            You cannot create workspaces from it. {template.deprecated.message}
          </Alert>
        )}
        <PrefillNotice prefill={prefill} />
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
          description="Lowercase letters, digits and hyphens. The name becomes part of your app URLs."
          required
          value={name}
          error={errors.fields['name']}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => rename(event.currentTarget.value)}
        />
        <ParameterFields
          creating
          definitions={active.parameters}
          values={values}
          errors={errors.fields}
          onChange={change}
        />
        <div>
          <PriceLine version={active} values={values} />
          <StopPolicyLine stop={active.stop} />
        </div>
        <Group>
          <Button type="submit" loading={busy} disabled={template.deprecated !== undefined}>
            Create workspace
          </Button>
          <Button variant="default" renderRoot={(props) => <Link to="/templates" {...props} />}>
            Choose another template
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

export function CreatePage() {
  const { template: name } = route.useParams();
  const search = route.useSearch();
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
            {(taken) => (
              <CreateForm key={name} template={template} suggested={suggestName(name, taken)} search={search} />
            )}
          </Load>
        </Stack>
      )}
    </Load>
  );
}

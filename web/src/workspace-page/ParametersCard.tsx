import { Alert, Button, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Parameter } from '../../../contracts/templates/parameters.ts';
import type { TemplateVersion } from '../../../contracts/templates/template.ts';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { type StartOptions, useWorkspaceMutations } from '../api/mutations.ts';
import { templateVersionQuery } from '../api/templateQueries.ts';
import { ParameterFields } from '../create/ParameterField.tsx';
import { formErrors } from '../lib/errors.ts';
import { useFormErrors } from '../lib/useFormErrors.ts';
import { changedParameters, checkForm, fieldOf, initialValues, isSettable } from '../templates/parameterForm.ts';
import { GeneralErrors } from '../ui/feedback/GeneralErrors.tsx';
import { Load } from '../ui/feedback/Load.tsx';
import { Card } from '../ui/layout/Card.tsx';
import { possibleActions } from '../workspaces/status.ts';

interface FormProps {
  workspace: Workspace;
  version: TemplateVersion;
  onStarted: () => void;
}

function RestartForm({ workspace, version, onStarted }: FormProps) {
  const definitions = version.parameters;
  const [values, setValues] = useState(() => initialValues(definitions, workspace.parameters));
  const { form, errors, showErrors } = useFormErrors();
  const { start } = useWorkspaceMutations(workspace.id, { quiet: true });
  const can = possibleActions(workspace);
  const restarts = can.stop;
  const fixed = (definition: Parameter) => !isSettable(definition, workspace.parameters);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wrong = checkForm(
      definitions.filter((definition) => !fixed(definition)),
      values,
    );
    if (Object.keys(wrong).length > 0) return showErrors({ fields: wrong });
    const body: StartOptions = {
      parameters: changedParameters(definitions, values, workspace.parameters),
      ...(version.version === workspace.template.version ? {} : { version: version.version }),
    };
    start.mutate(body, {
      onSuccess: onStarted,
      onError: (error) => showErrors(formErrors(error, definitions.map(fieldOf))),
    });
  };

  return (
    <form ref={form} onSubmit={submit} noValidate>
      <Stack gap="lg">
        <GeneralErrors lines={errors.general} />
        {definitions.length === 0 && <Text c="dimmed">This template version has no parameters.</Text>}
        <ParameterFields
          definitions={definitions}
          values={values}
          errors={errors.fields}
          isDisabled={fixed}
          onChange={(name, value) => setValues((values) => ({ ...values, [name]: value }))}
        />
        {definitions.some(fixed) && (
          <Text size="sm" c="dimmed">
            Parameters that are grayed out cannot change after the workspace is created. To change them, create another
            workspace.
          </Text>
        )}
        {restarts && (
          <Alert color="yellow">
            The workspace restarts with these settings. Running processes end; its home is kept.
          </Alert>
        )}
        <Group>
          <Button type="submit" loading={start.isPending} disabled={!can.start && !restarts}>
            {restarts ? 'Apply and restart' : 'Apply and start'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

const versionChoices = ({ version, activeVersion }: Workspace['template']) => [
  { value: String(version), label: `Version ${version} (current)` },
  ...(activeVersion !== undefined && activeVersion !== version
    ? [{ value: String(activeVersion), label: `Version ${activeVersion} (available)` }]
    : []),
];

interface Props {
  workspace: Workspace;
  /** The version to select first, if it is one of the choices. */
  chosen?: number | undefined;
  onStarted: () => void;
}

/** Changes parameters and template version, and starts or restarts the workspace. */
export function ParametersCard({ workspace, chosen, onStarted }: Props) {
  const { template } = workspace;
  const choices = versionChoices(template);
  const [version, setVersion] = useState(
    chosen !== undefined && chosen === template.activeVersion ? chosen : template.version,
  );
  const query = useQuery(templateVersionQuery(template.name, version));
  return (
    <Card title="Parameters and version">
      {choices.length > 1 && (
        <NativeSelect
          label="Template version"
          description="The workspace starts with the version you select. Its home is kept."
          data={choices}
          value={String(version)}
          onChange={(event) => setVersion(Number(event.currentTarget.value))}
        />
      )}
      <Load query={query} what="the parameters">
        {(loaded) => <RestartForm key={version} workspace={workspace} version={loaded} onStarted={onStarted} />}
      </Load>
    </Card>
  );
}

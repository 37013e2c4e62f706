import { Alert, Button, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { TemplateVersion } from '../../../contracts/routes.ts';
import type { Parameter } from '../../../contracts/template.ts';
import type { Workspace } from '../../../contracts/workspace.ts';
import { type StartOptions, useWorkspaceActs } from '../api/mutations.ts';
import { templateVersionQuery } from '../api/templateQueries.ts';
import { changedParameters, checkForm, fieldOf, isSettable, openingValues } from '../lib/parameters.ts';
import { formErrors } from '../lib/problem.ts';
import { possible } from '../lib/status.ts';
import { useFormErrors } from '../lib/useFormErrors.ts';
import { Card } from './Card.tsx';
import { GeneralErrors } from './GeneralErrors.tsx';
import { Load } from './Load.tsx';
import { ParameterFields } from './ParameterField.tsx';

interface FormProps {
  workspace: Workspace;
  version: TemplateVersion;
  onStarted: () => void;
}

function RestartForm({ workspace, version, onStarted }: FormProps) {
  const definitions = version.parameters;
  const [values, setValues] = useState(() => openingValues(definitions, workspace.parameters));
  const { form, errors, refuse } = useFormErrors();
  const { start } = useWorkspaceActs(workspace.id, { quiet: true });
  const can = possible(workspace);
  const restarts = can.stop;
  const fixed = (definition: Parameter) => !isSettable(definition, workspace.parameters);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wrong = checkForm(
      definitions.filter((definition) => !fixed(definition)),
      values,
    );
    if (Object.keys(wrong).length > 0) return refuse({ fields: wrong });
    const body: StartOptions = {
      parameters: changedParameters(definitions, values, workspace.parameters),
      ...(version.version === workspace.template.version ? {} : { version: version.version }),
    };
    start.mutate(body, {
      onSuccess: onStarted,
      onError: (error) => refuse(formErrors(error, definitions.map(fieldOf))),
    });
  };

  return (
    <form ref={form} onSubmit={submit} noValidate>
      <Stack gap="lg">
        <GeneralErrors lines={errors.general} />
        {definitions.length === 0 && <Text c="dimmed">This version of the template has no parameters.</Text>}
        <ParameterFields
          definitions={definitions}
          values={values}
          errors={errors.fields}
          isDisabled={fixed}
          onChange={(name, value) => setValues((values) => ({ ...values, [name]: value }))}
        />
        {definitions.some(fixed) && (
          <Text size="sm" c="dimmed">
            What is greyed out is fixed once a workspace is made. Make another workspace to choose it anew.
          </Text>
        )}
        {restarts && (
          <Alert color="yellow">
            It runs, and is stopped and started again with these. What runs in it ends; its home is kept.
          </Alert>
        )}
        <Group>
          <Button type="submit" loading={start.isPending} disabled={!can.start && !restarts}>
            {restarts ? 'Restart with these' : 'Start with these'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

const versionChoices = ({ version, activeVersion }: Workspace['template']) => [
  { value: String(version), label: `Version ${version}, as now` },
  ...(activeVersion !== undefined && activeVersion !== version
    ? [{ value: String(activeVersion), label: `Version ${activeVersion}, the one offered` }]
    : []),
];

interface Props {
  workspace: Workspace;
  /** The version chosen at first, where it is one of the choices. */
  chosen?: number | undefined;
  onStarted: () => void;
}

/** Changes parameters and template version, and starts again. */
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
          description="An update is a start with the other version. The home stays as it is."
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

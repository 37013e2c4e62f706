import { Button, Group, Text } from '@mantine/core';
import { IconSparkles } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import classes from './UpdateOffer.module.css';

/** Whether the template’s active version differs from the version of the workspace. */
export const hasUpdate = ({ template: { version, activeVersion } }: Pick<Workspace, 'template'>): boolean =>
  activeVersion !== undefined && activeVersion !== version;

/** Announces another version of the template, with a link to the settings. */
export function UpdateOffer({ workspace }: { workspace: Workspace }) {
  const { id, template } = workspace;
  if (!hasUpdate(workspace)) return null;
  return (
    <section className={classes['offer']} aria-label="Update">
      <IconSparkles size={20} aria-hidden />
      <Text className={classes['words'] ?? ''}>
        Version {template.activeVersion} of {template.displayName} is available. This workspace uses version{' '}
        {template.version}.
      </Text>
      <Group>
        <Button
          variant="light"
          renderRoot={(props) => (
            <Link
              to="/workspaces/$workspace/settings"
              params={{ workspace: id }}
              search={{ version: String(template.activeVersion) }}
              {...props}
            />
          )}
        >
          Update…
        </Button>
      </Group>
    </section>
  );
}

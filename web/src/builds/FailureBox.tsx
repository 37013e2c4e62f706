import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { errorCatalogue } from '../../../contracts/errors/error-names.ts';
import type { Failure } from '../../../contracts/workspaces/builds.ts';
import classes from './FailureBox.module.css';

/** Titles of failures, by error name. */
const titles: Record<string, string> = {
  startup_failed: errorCatalogue.startup_failed.title,
  startup_timeout: errorCatalogue.startup_timeout.title,
  agent_timeout: errorCatalogue.agent_timeout.title,
  'States.Timeout': 'The workspace was not ready in time',
  compute_failed: errorCatalogue.compute_failed.title,
  compute_unreachable: errorCatalogue.compute_unreachable.title,
  invalid_template: 'The template version is not valid',
  forbidden: 'The workspace is not allowed to run',
  not_found: 'Something that the workspace needs no longer exists',
};

interface Props {
  failure: Failure;
  /** Absent if the person may not manage the workspace. */
  retry?: { run: () => void; pending: boolean; label?: string };
  /** The workspace whose settings to link to, if other parameters could help. */
  settingsOf?: string;
}

/** What failed, why, and what the person can do. */
export function FailureBox({ failure, retry, settingsOf }: Props) {
  return (
    <Alert
      classNames={{ root: classes['box'] ?? '', body: classes['body'] ?? '' }}
      variant="outline"
      color="var(--berth-bad-text)"
      icon={<IconAlertTriangle aria-hidden />}
      title={titles[failure.error] ?? errorCatalogue.internal.title}
      role="alert"
    >
      <Stack gap="sm">
        <Text>
          {failure.message}
          <br />
          {failure.action}
        </Text>
        {(retry ?? settingsOf) && (
          <Group gap="sm">
            {retry && (
              <Button loading={retry.pending} onClick={retry.run}>
                {retry.label ?? 'Try again'}
              </Button>
            )}
            {settingsOf !== undefined && (
              <Button
                variant="default"
                className={classes['button']}
                renderRoot={(props) => (
                  <Link to="/workspaces/$workspace/settings" params={{ workspace: settingsOf }} {...props} />
                )}
              >
                Change parameters
              </Button>
            )}
          </Group>
        )}
      </Stack>
    </Alert>
  );
}

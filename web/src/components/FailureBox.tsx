import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Failure } from '../../../contracts/workspace.ts';
import classes from './FailureBox.module.css';

interface Props {
  failure: Failure;
  /** Absent where it is not one's own to mend, or an earlier build. */
  retry?: { run: () => void; pending: boolean };
  /** The workspace whose parameters could be what is wrong. */
  settingsOf?: string;
}

/** What went wrong, and what the person can do. */
export function FailureBox({ failure, retry, settingsOf }: Props) {
  return (
    <Alert
      classNames={{ root: classes['box'] ?? '', body: classes['body'] ?? '' }}
      variant="outline"
      color="var(--berth-bad-text)"
      icon={<IconAlertTriangle aria-hidden />}
      title={failure.message}
      role="alert"
    >
      <Stack gap="sm">
        <Text>{failure.action}</Text>
        {(retry ?? settingsOf) && (
          <Group gap="sm">
            {settingsOf !== undefined && (
              <Button
                variant="default"
                className={classes['button']}
                renderRoot={(props) => (
                  <Link to="/workspaces/$workspace/settings" params={{ workspace: settingsOf }} {...props} />
                )}
              >
                Change parameters and start again
              </Button>
            )}
            {retry && (
              <Button loading={retry.pending} onClick={retry.run}>
                Try again
              </Button>
            )}
          </Group>
        )}
      </Stack>
    </Alert>
  );
}

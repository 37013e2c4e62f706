import { Button } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useCreateWorkspace } from '../api/mutations.ts';
import { ownNamesQuery } from '../api/queries.ts';
import { templateQuery } from '../api/templateQueries.ts';
import { useIdempotencyKey } from '../api/useIdempotencyKey.ts';
import { notifyError } from '../lib/notify.ts';
import { hasAllDefaults, suggestName } from './newWorkspace.ts';

/** Creates a workspace in one click, if the template has a default for every parameter. */
export function QuickCreate({ template, displayName }: { template: string; displayName: string }) {
  const { data: whole } = useQuery(templateQuery(template));
  const { data: names } = useQuery(ownNamesQuery);
  const create = useCreateWorkspace();
  const keyFor = useIdempotencyKey();
  if (
    whole === undefined ||
    whole.deprecated !== undefined ||
    names === undefined ||
    !hasAllDefaults(whole.active.parameters)
  )
    return null;

  const body = { name: suggestName(template, names), template };
  const onClick = () => create.mutate({ body, idempotencyKey: keyFor(body) }, { onError: notifyError });
  return (
    <Button
      variant="light"
      leftSection={<IconPlayerPlay size={18} aria-hidden />}
      loading={create.isPending || create.isSuccess}
      onClick={onClick}
      aria-label={`Create ${body.name} with the defaults of ${displayName}`}
    >
      Create “{body.name}”
    </Button>
  );
}

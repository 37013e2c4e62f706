import { Alert } from '@mantine/core';

/** Objections to a form that belong to none of its fields. */
export function GeneralErrors({ lines }: { lines: readonly string[] }) {
  return lines.map((line) => (
    <Alert key={line} color="red" role="alert">
      {line}
    </Alert>
  ));
}

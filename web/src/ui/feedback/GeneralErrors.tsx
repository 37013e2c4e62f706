import { Alert } from '@mantine/core';

/** Errors of a form that belong to no field. */
export function GeneralErrors({ lines }: { lines: readonly string[] }) {
  return lines.map((line) => (
    <Alert key={line} color="red" role="alert">
      {line}
    </Alert>
  ));
}

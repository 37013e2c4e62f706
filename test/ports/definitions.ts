import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WorkflowName } from '../../contracts/workspaces/workflows.ts';

const folder = join(import.meta.dirname, '..', '..', 'workflows');

/** The deployed workflow definitions. */
export const definitions = Object.fromEntries(
  WorkflowName.options.map((name) => [
    name,
    JSON.parse(readFileSync(join(folder, `${name}.asl.json`), 'utf8')) as object,
  ]),
) as Record<WorkflowName, object>;

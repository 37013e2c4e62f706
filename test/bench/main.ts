import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { buildPortal } from '../../bundles/portal.ts';
import { bundles } from './cloud/bundles.ts';
import { cost } from './cloud/cost.ts';
import { synth } from './cloud/synth.ts';
import { vmStarts } from './cloud/vm-starts.ts';
import { dataPlane } from './gateway/data-plane.ts';
import { echo, fleet } from './gateway/fleet.ts';
import { idleConnections } from './gateway/idle-connections.ts';
import type { Benchmark, Figure } from './measuring/figure.ts';
import { note } from './measuring/note.ts';
import { jsonLine, table } from './measuring/report.ts';
import { endResources } from './measuring/resources.ts';
import { portal } from './portal/portal.ts';
import { autostarts } from './server/autostarts.ts';
import { create } from './server/create.ts';
import { creates } from './server/creates.ts';
import { memory } from './server/memory.ts';
import { npmStart } from './server/npm-start.ts';
import { pages } from './server/pages.ts';
import { reads } from './server/reads.ts';
import { ssh } from './server/ssh.ts';
import { steps } from './server/steps.ts';

/**
 * `npm run bench`: a table of what was measured; `-- --json` one line of JSON per figure; `-- --only=create,reads`
 * some of them. A missed goal is not an error; a benchmark that cannot measure is one, and ends the run with 1.
 */
const all: Benchmark[] = [
  create,
  steps,
  reads,
  creates,
  pages,
  autostarts,
  memory,
  dataPlane,
  echo,
  fleet,
  idleConnections,
  ssh,
  npmStart,
  portal,
  bundles,
  synth,
  cost,
  vmStarts,
];

const { values } = parseArgs({ options: { json: { type: 'boolean' }, only: { type: 'string' } } });

const chosen = (only: string | undefined): Benchmark[] => {
  if (only === undefined) return all;
  const names = only.split(',');
  const unknown = names.filter((name) => !all.some((bench) => bench.name === name));
  if (unknown.length > 0) {
    const known = all.map(({ name }) => name).join(', ');
    process.stderr.write(`There is no benchmark ${unknown.join(', ')}. There are ${known}.\n`);
    process.exit(1);
  }
  return all.filter(({ name }) => names.includes(name));
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void endResources().finally(() => process.exit(130)));
}

const measured: Figure[] = [];
const measure = async (bench: Benchmark): Promise<void> => {
  process.stderr.write(`${bench.name} …\n`);
  try {
    const figures = await bench.run();
    measured.push(...figures);
    if (values.json === true) for (const figure of figures) process.stdout.write(`${jsonLine(figure)}\n`);
  } catch (error) {
    process.stderr.write(`${bench.name} could not measure: ${(error as Error).stack}\n`);
    process.exitCode = 1;
  }
};

const benches = chosen(values.only);
await buildPortal();
const [load = 0] = loadavg();
const cores = availableParallelism();
if (load > cores / 2)
  note(`${load.toFixed(1)} processes are busy on ${cores} cores: figures of time will be worse for it`);
for (const bench of benches) await measure(bench);
if (values.json !== true) process.stdout.write(`${table(measured)}\n`);

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { BerthError } from '../../core/errors.ts';
import type { WorkspacePaths } from './data/directories.ts';
import { type Limits, shellLimits } from './spec.ts';

/**
 * Runs as `sh -c script berth` with these arguments: the path of the run record, the rest of its content, the log, the
 * nice value, the mark, the number of limits, a field, amount and flags for each limit, node, and the agent's bundle.
 * It sets the limits, writes the run record and then becomes the agent by `exec`, so that the record names the
 * agent's process. `set -C` makes the record exclusive: of two launchers only one becomes an agent. It prints one
 * outcome: `running`, `taken`, `unwritable`, or `refused <field>`. A refused mark is ignored, because the environment
 * has it too.
 */
const script = `
record=$1; rest=$2; log=$3; nice=$4; mark=$5; limits=$6; shift 6
ulimit -m "$mark" 2>/dev/null || :
while [ "$limits" -gt 0 ]; do
  done=
  for flag in $3; do ulimit "$flag" "$2" 2>/dev/null && done=1 && break; done
  [ "$done" ] || { echo "refused $1"; exit 0; }
  shift 3; limits=$((limits - 1))
done
if [ -r /proc/self/stat ]; then
  read -r boot < /proc/sys/kernel/random/boot_id
  read -r _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ ticks _ < /proc/$$/stat
  started=$boot/$ticks
else
  started=$(LC_ALL=C ps -o lstart= -p $$ | tr -s ' ' | sed 's/^ //;s/ $//')
fi
set -C
true > "$record" || { [ -e "$record" ] && echo taken || echo unwritable; exit 0; }
set +C
printf '{"pid":%s,"started":"%s",%s' "$$" "$started" "$rest" > "$record" || { echo unwritable; exit 0; }
echo running
exec nice -n "$nice" "$@" < /dev/null >> "$log" 2>&1
`;

export interface Launch {
  node: string;
  agentFile: string;
  paths: WorkspacePaths;
  build: { id: string; number: number };
  limits: Limits;
  residentKiB: bigint;
  environment: Record<string, string>;
}

const recordEnd = ({ id, number }: Launch['build']): string =>
  JSON.stringify({ buildId: id, buildNumber: number }).slice(1);

const launchArguments = ({ paths, build, limits, residentKiB, node, agentFile }: Launch): string[] => {
  const set = shellLimits(limits);
  return [
    ...['-c', script, 'berth', paths.record, recordEnd(build), paths.log, String(limits.nice)],
    ...[String(residentKiB), String(set.length)],
    ...set.flatMap(({ field, amount, flags }) => [field, String(amount), flags.join(' ')]),
    ...[node, agentFile],
  ];
};

const refusal = (field: string, { limits }: Launch): BerthError =>
  new BerthError(
    'compute_failed',
    `This machine refuses the limit ${field}=${String(limits[field as keyof Limits])} of the template.`,
    {
      field: `compute.spec.limits.${field}`,
      remedy: `Use a smaller value for compute.spec.limits.${field}, or raise the limits under which Berth runs (ulimit).`,
    },
  );

/**
 * Starts the agent in a session of its own, so that it outlives the server. Resolves with `running` once the agent's
 * run record is written, or with `taken` if a record exists already.
 */
export const launch = async (options: Launch): Promise<'running' | 'taken'> => {
  const child = spawn('/bin/sh', launchArguments(options), {
    cwd: options.paths.home,
    env: options.environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw new BerthError(
      'compute_failed',
      `The workspace's process could not be started: ${(error as Error).message}.`,
      {
        cause: error,
      },
    );
  }
  child.unref();
  const [outcome, field] = (await text(child.stdout)).trim().split(' ');
  if (outcome === 'running' || outcome === 'taken') return outcome;
  if (outcome === 'refused' && field !== undefined) throw refusal(field, options);
  throw new BerthError('compute_failed', "The workspace's process ended before it became the agent.", {
    remedy: 'Check that the disk is not full and that the data directory is writable.',
  });
};

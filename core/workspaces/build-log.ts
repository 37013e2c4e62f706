import type { RouteResponse } from '../../contracts/routes/routes.ts';
import type { Person } from '../actor.ts';
import { BerthError } from '../errors.ts';
import { msOf } from '../instant.ts';
import type { Change, Key } from '../ports/table.ts';
import type { Rules } from '../rules.ts';
import { padded } from '../table/item.ts';
import { ItemKind } from '../table/item-kind.ts';
import { findBuild } from './queries.ts';
import { loadStep, stepKey } from './records/steps.ts';

export const logItems = new ItemKind<{ at: string; text: string }>('log chunk', { at: 'string', text: 'string' });

/** Chunks of a step's log, by the numbers of the agent's events. */
const logPartition = (buildId: string, step: string) => `log#${buildId}#${step}`;

/** People read logs for days after a build. */
const retentionSeconds = 90 * 86_400;

export const logChunk = (buildId: string, step: string, chunk: { seq: number; at: string; text: string }): Change => {
  const key: Key = { pk: logPartition(buildId, step), sk: padded(chunk.seq, 10) };
  return {
    put: logItems.item(key, {
      at: chunk.at,
      text: chunk.text,
      expires: Math.ceil(msOf(chunk.at) / 1000) + retentionSeconds,
    }),
  };
};

/** At most 50 chunks of 16 K characters, below the size limit of a response. */
const chunksPerPage = 50;

/** The log of a step from a cursor on. The cursor is the number of the next chunk. */
export const getBuildLog = async (
  rules: Rules,
  person: Person,
  request: { workspace: string; build: number; step: string; cursor?: string | undefined },
): Promise<RouteResponse<'getBuildLog'>> => {
  const { build, isRunning } = await findBuild(rules, person, request.workspace, request.build);
  const from = cursorNumber(request.cursor);
  const step = await loadStep(rules.table, stepKey(build.workspaceId, build.number, request.step));
  if (step === undefined) {
    throw new BerthError('not_found', `Build ${build.number} has no step of that name yet. Check the build's steps.`);
  }
  const page = await rules.table.query({
    pk: logPartition(build.id, request.step),
    from: padded(from, 10),
    limit: chunksPerPage,
  });
  const last = page.items.at(-1);
  return {
    chunks: logItems.readList(page.items, rules.log).map(({ at, text }) => ({ at, text })),
    next: String(last === undefined ? from : Number(last.sk) + 1),
    done: page.next === undefined && (step.status !== 'running' || (build.endedAt !== undefined && !isRunning)),
  };
};

const cursorNumber = (cursor: string | undefined): number => {
  if (cursor === undefined) return 0;
  if (/^[0-9]{1,9}$/.test(cursor)) return Number(cursor);
  throw new BerthError(
    'invalid_request',
    'The cursor is not valid for this log. Omit it to start from the beginning.',
    {
      field: 'cursor',
    },
  );
};

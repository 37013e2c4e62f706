import type { Build } from '../../../contracts/workspaces/builds.ts';
import { dateTime, duration, table } from '../../io/format.ts';
import { fetchAllPages } from '../../io/pages.ts';
import { connect, type Options } from '../../server/connect.ts';

const durationOf = ({ startedAt, endedAt }: Build): string =>
  startedAt === undefined || endedAt === undefined ? '' : duration(Date.parse(endedAt) - Date.parse(startedAt));

/** Lists the builds of a workspace, newest first. */
export const listBuilds = async (workspace: string, options: Options): Promise<void> => {
  const cli = connect(options);
  const builds = await fetchAllPages((query) => cli.client.listBuilds({ params: { workspace }, query }));
  const row = (build: Build): string[] => [
    String(build.number),
    build.transition,
    build.status,
    [build.reason, build.requestedBy].filter((part) => part !== undefined).join(', '),
    String(build.template.version),
    dateTime(build.createdAt),
    durationOf(build),
    build.failure?.message ?? build.because ?? '',
  ];
  const header = ['BUILD', 'TRANSITION', 'STATUS', 'REASON', 'VERSION', 'CREATED', 'DURATION', 'DETAILS'];
  cli.print(builds, () => table(header, builds.map(row), { truncateLast: true }));
};

import type { Build } from '../../contracts/workspace.ts';
import { connect, type Options } from '../connect.ts';
import { duration, moment, table } from '../format.ts';
import { allOf } from '../pages.ts';

const took = ({ startedAt, endedAt }: Build): string =>
  startedAt === undefined || endedAt === undefined ? '' : duration(Date.parse(endedAt) - Date.parse(startedAt));

/** What was done with a workspace, newest first. */
export const listBuilds = async (workspace: string, options: Options): Promise<void> => {
  const cli = connect(options);
  const builds = await allOf((query) => cli.client.listBuilds({ params: { workspace }, query }));
  const row = (build: Build): string[] => [
    String(build.number),
    build.transition,
    build.status,
    build.requestedBy === undefined ? build.reason : `${build.reason}, ${build.requestedBy}`,
    String(build.template.version),
    moment(build.createdAt),
    took(build),
    build.failure?.message ?? '',
  ];
  const header = ['BUILD', 'DID', 'STATUS', 'BECAUSE OF', 'VERSION', 'BEGAN', 'TOOK', 'FAILED AS'];
  cli.print(builds, () => table(header, builds.map(row), { cutLast: true }));
};

import type { SignOnAnswer, SignOnRequest } from '../../contracts/agent.ts';
import type { Act } from '../audit.ts';
import { BerthError } from '../errors.ts';
import type { AgentIdentities, AgentKey, Table } from '../ports.ts';
import type { Rules } from '../rules.ts';
import { agentToken, hashSecret, oneTimeToken, sameText } from '../secrets.ts';
import type { BuildRecord } from '../workspaces/record.ts';
import { changeWorkspace, loadBuild, loadWorkspace } from '../workspaces/store.ts';
import { isCurrent } from './agent-build.ts';

/** By what agents are known. */
export interface AgentTrust {
  agentKey: AgentKey;
  identities: AgentIdentities;
}

type Of<Kind extends SignOnRequest['kind']> = Extract<SignOnRequest, { kind: Kind }>;

/** One sentence for all: whoever tries learns nothing of which check failed. */
const refusal = () =>
  new BerthError('agent_refused', 'This agent is not one of a build that runs. Start the workspace again.');

/** Recorded per build at the most, so that nobody fills a workspace's chain from outside. */
const mostRecorded = 10;

/**
 * Gives an agent the token of its workspace's current build, when its platform vouches that it is that build's agent.
 * `agent_refused` for every other, recorded in the workspace's audit.
 */
export const signOn = async (rules: Rules, trust: AgentTrust, request: SignOnRequest): Promise<SignOnAnswer> => {
  const build = await currentBuild(rules.table, request.workspaceId);
  if (build !== undefined && (await isVouchedFor(rules, trust, build, request))) {
    return { token: agentToken(await trust.agentKey(), build.workspaceId, build.number) };
  }
  await recordRefusal(rules, request);
  throw refusal();
};

/** The build that an agent may sign on for. */
const currentBuild = async (table: Table, workspaceId: string): Promise<BuildRecord | undefined> => {
  const workspace = await loadWorkspace(table, workspaceId);
  if (workspace === undefined || !isCurrent(workspace, workspace.build.number)) return undefined;
  const build = await loadBuild(table, workspaceId, workspace.build.number);
  return build?.cancel === true ? undefined : build;
};

const isVouchedFor = async (rules: Rules, trust: AgentTrust, build: BuildRecord, request: SignOnRequest) => {
  switch (request.kind) {
    case 'kubernetes':
      return isPodOf(trust.identities, build, request);
    case 'ec2':
      return isLeasedTo(rules.table, trust.identities, build, request);
    case 'one-time':
      return takesUp(rules, trust.agentKey, build, request);
  }
};

/** What the platform did not say counts for nothing; that it cannot be asked is no refusal, so that the agent comes again. */
const said = async <T>(asked: Promise<T> | undefined): Promise<T | undefined> => {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof BerthError && error.name === 'agent_refused') return undefined;
    throw error;
  }
};

/** The pod of a build carries both in its name, which nobody in a workspace can choose. */
export const podNameOf = ({ workspaceId, number }: Pick<BuildRecord, 'workspaceId' | 'number'>): string =>
  `${workspaceId}-b${number}`;

const isPodOf = async ({ kubernetes }: AgentIdentities, build: BuildRecord, { token }: Of<'kubernetes'>) => {
  const pod = await said(kubernetes?.(token));
  return pod !== undefined && pod.pod === podNameOf(build);
};

/** Who has a machine says the table, which decided it when it was leased. */
const isLeasedTo = async (
  table: Table,
  { ec2 }: AgentIdentities,
  build: BuildRecord,
  { document, signature }: Of<'ec2'>,
): Promise<boolean> => {
  const instance = await said(ec2?.(document, signature));
  if (instance === undefined) return false;
  const lease = await table.get({ pk: `lease#${instance.instanceId}`, sk: 'lease' });
  return lease?.['workspaceId'] === build.workspaceId && lease['buildId'] === build.id;
};

/** Used once per build: of any number who show the token, the first one's nonce is written down, and it alone may again. */
const takesUp = async (rules: Rules, agentKey: AgentKey, build: BuildRecord, { token, nonce }: Of<'one-time'>) => {
  if (!sameText(token, oneTimeToken(await agentKey(), build.workspaceId, build.number))) return false;
  const by = hashSecret(nonce);
  if (build.signedOn !== undefined) return build.signedOn === by;
  let taken = false;
  await changeWorkspace(rules, build.workspaceId, async (workspace) => {
    taken = false;
    if (!isCurrent(workspace, build.number)) return undefined;
    const now = await loadBuild(rules.table, build.workspaceId, build.number);
    taken = now !== undefined && !now.cancel && (now.signedOn ?? by) === by;
    return now !== undefined && taken && now.signedOn === undefined
      ? { builds: [{ ...now, signedOn: by }] }
      : undefined;
  });
  return taken;
};

const recordRefusal = async (rules: Rules, { kind, workspaceId }: SignOnRequest): Promise<void> => {
  const first = await loadWorkspace(rules.table, workspaceId);
  if (first === undefined) return;
  const act: Act = {
    action: 'access.refuse',
    actor: 'system',
    outcome: 'failure',
    details: { route: 'sign-on', kind },
  };
  const decide = async (workspace: typeof first) => {
    const build = await loadBuild(rules.table, workspaceId, workspace.build.number);
    const before = build?.refusals ?? 0;
    if (build === undefined || before >= mostRecorded) return undefined;
    return { workspace, builds: [{ ...build, refusals: before + 1 }], acts: [act] };
  };
  await changeWorkspace(rules, workspaceId, decide, { first });
};

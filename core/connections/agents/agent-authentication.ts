import type {
  AgentAuthenticationRequest,
  AgentAuthenticationResponse,
} from '../../../contracts/agent/authentication.ts';
import type { NewAuditEvent } from '../../audit/audit-events.ts';
import { agentToken, hashSecret, oneTimeToken, sameText } from '../../crypto/secrets.ts';
import { BerthError } from '../../errors.ts';
import type { AgentIdentities, AgentKey } from '../../ports/agent-identities.ts';
import type { Table } from '../../ports/table.ts';
import type { Rules } from '../../rules.ts';
import type { BuildRecord } from '../../workspaces/records/build-record.ts';
import { changeWorkspace, loadBuild, loadWorkspace } from '../../workspaces/store.ts';
import { isCurrent } from './agent-build.ts';

/** What agents are authenticated with. */
export interface AgentVerifiers {
  agentKey: AgentKey;
  identities: AgentIdentities;
}

type Of<Kind extends AgentAuthenticationRequest['kind']> = Extract<AgentAuthenticationRequest, { kind: Kind }>;

/** The same message for every refusal, so that it does not reveal which check failed. */
const refusal = () =>
  new BerthError('agent_refused', 'The agent does not belong to an active build. Start the workspace again.');

/** Refusals recorded per build, so that nobody can fill a workspace's audit chain from outside. */
const maxRecordedRefusals = 10;

/**
 * Returns the token of a workspace's current build to an agent whose platform proves that it is that build's agent.
 * Throws `agent_refused` for any other, and records it as an audit event of the workspace.
 */
export const authenticateAgent = async (
  rules: Rules,
  trust: AgentVerifiers,
  request: AgentAuthenticationRequest,
): Promise<AgentAuthenticationResponse> => {
  const build = await currentBuild(rules.table, request.workspaceId);
  if (build !== undefined && (await isVerified(rules, trust, build, request))) {
    return { token: agentToken(await trust.agentKey(), build.workspaceId, build.number) };
  }
  await recordRefusal(rules, request);
  throw refusal();
};

/** The build that an agent may authenticate for. */
const currentBuild = async (table: Table, workspaceId: string): Promise<BuildRecord | undefined> => {
  const workspace = await loadWorkspace(table, workspaceId);
  if (workspace === undefined || !isCurrent(workspace, workspace.build.number)) return undefined;
  const build = await loadBuild(table, workspaceId, workspace.build.number);
  return build?.cancel === true ? undefined : build;
};

const isVerified = async (
  rules: Rules,
  trust: AgentVerifiers,
  build: BuildRecord,
  request: AgentAuthenticationRequest,
) => {
  switch (request.kind) {
    case 'kubernetes':
      return isPodOf(trust.identities, build, request);
    case 'ec2':
      return isLeasedTo(rules.table, trust.identities, build, request);
    case 'one-time':
      return usesOneTimeToken(rules, trust.agentKey, build, request);
  }
};

/**
 * `undefined` for a proof that the platform rejects. An unreachable platform is an error and not a refusal, so that the
 * agent retries.
 */
const verified = async <T>(verification: Promise<T> | undefined): Promise<T | undefined> => {
  try {
    return await verification;
  } catch (error) {
    if (error instanceof BerthError && error.name === 'agent_refused') return undefined;
    throw error;
  }
};

/** A pod's name contains workspace and build, and nobody in a workspace can choose it. */
const podNameOf = ({ workspaceId, number }: Pick<BuildRecord, 'workspaceId' | 'number'>): string =>
  `${workspaceId}-b${number}`;

const isPodOf = async ({ kubernetes }: AgentIdentities, build: BuildRecord, { token }: Of<'kubernetes'>) => {
  const pod = await verified(kubernetes?.(token));
  return pod !== undefined && pod.pod === podNameOf(build);
};

/** The table's lease says which build a machine belongs to. */
const isLeasedTo = async (
  table: Table,
  { ec2 }: AgentIdentities,
  build: BuildRecord,
  { document, signature }: Of<'ec2'>,
): Promise<boolean> => {
  const instance = await verified(ec2?.(document, signature));
  if (instance === undefined) return false;
  const lease = await table.get({ pk: `lease#${instance.instanceId}`, sk: 'lease' });
  return lease?.['workspaceId'] === build.workspaceId && lease['buildId'] === build.id;
};

/**
 * Valid once per build: the first agent that presents the token has its nonce recorded, and only that agent may present
 * it again.
 */
const usesOneTimeToken = async (
  rules: Rules,
  agentKey: AgentKey,
  build: BuildRecord,
  { token, nonce }: Of<'one-time'>,
) => {
  if (!sameText(token, oneTimeToken(await agentKey(), build.workspaceId, build.number, build.launch))) return false;
  const nonceHash = hashSecret(nonce);
  if (build.signedOn !== undefined) return build.signedOn === nonceHash;
  let isAccepted = false;
  await changeWorkspace(rules, build.workspaceId, async (workspace) => {
    isAccepted = false;
    if (!isCurrent(workspace, build.number)) return undefined;
    const now = await loadBuild(rules.table, build.workspaceId, build.number);
    isAccepted =
      now?.launch === build.launch && now !== undefined && !now.cancel && (now.signedOn ?? nonceHash) === nonceHash;
    return now !== undefined && isAccepted && now.signedOn === undefined
      ? { builds: [{ ...now, signedOn: nonceHash }] }
      : undefined;
  });
  return isAccepted;
};

const recordRefusal = async (rules: Rules, { kind, workspaceId }: AgentAuthenticationRequest): Promise<void> => {
  const first = await loadWorkspace(rules.table, workspaceId);
  if (first === undefined) return;
  const auditEvent: NewAuditEvent = {
    action: 'access.refuse',
    actor: 'system',
    outcome: 'failure',
    details: { route: 'sign-on', kind },
  };
  const decide = async (workspace: typeof first) => {
    const build = await loadBuild(rules.table, workspaceId, workspace.build.number);
    const before = build?.refusals ?? 0;
    if (build === undefined || before >= maxRecordedRefusals) return undefined;
    return { workspace, builds: [{ ...build, refusals: before + 1 }], auditEvents: [auditEvent] };
  };
  await changeWorkspace(rules, workspaceId, decide, { first });
};

import * as z from 'zod';
import { InstallationLimits } from '../templates/sharing-limits.ts';
import { jsonText } from '../values/json-text.ts';
import { HomeRetention } from '../workspaces/homes.ts';
import { WorkflowName } from '../workspaces/workflows.ts';
import { AgentIdentitySettings } from './agent-identities.ts';
import { FederationSettings } from './federation.ts';

/** Where people get help: a page or a mail address. */
export const SupportUrl = z.url({
  protocol: /^(https?|mailto)$/,
  error: 'must be a link that begins with https:// or mailto:',
});

const port = z
  .string()
  .regex(/^[0-9]{1,5}$/, 'is not a port')
  .transform(Number)
  .pipe(z.int().max(65_535));

/**
 * Environment variables of deployed functions and of the gateway. `infra` sets them and the code reads them by the
 * names here. For a secret, the variable has its ARN.
 */
export const variables = {
  /** Name of the DynamoDB table. */
  BERTH_TABLE: z.string().min(1),
  /** When the table was last restored from an older copy; absent without a restore. */
  BERTH_RESTORED_AT: z.iso.datetime().optional(),
  /** How long unowned homes are kept; absent when only admins discard homes. */
  BERTH_HOME_RETENTION: HomeRetention.optional(),
  /** ARN of each state machine, by the workflow's name. */
  BERTH_WORKFLOWS: jsonText(z.record(WorkflowName, z.string().startsWith('arn:'))),
  /** Name of the EventBridge Scheduler group that holds the schedules of workspaces. */
  BERTH_SCHEDULE_GROUP: z.string().min(1),
  /** ARN of the role by which a schedule calls its function. */
  BERTH_SCHEDULE_ROLE: z.string().startsWith('arn:'),
  /** ARN of the schedules' dead-letter queue. */
  BERTH_SCHEDULE_DEAD_LETTERS: z.string().startsWith('arn:'),
  /** ARN of the function that stops a workspace whose time has come. */
  BERTH_STOP_FUNCTION: z.string().startsWith('arn:'),
  /** ARN of the function that runs autostarts. */
  BERTH_AUTOSTART_FUNCTION: z.string().startsWith('arn:'),
  /** Name of the Kinesis stream of audit events. */
  BERTH_AUDIT_STREAM: z.string().min(1),
  /** URL of the dead-letter queue of the change stream's consumers. */
  BERTH_FAILED_CHANGES: z.url(),
  /** ARN of the secret that signs agent tokens. */
  BERTH_AGENT_KEY: z.string().startsWith('arn:'),
  /** ARN of the KMS key that encrypts people's git keys. */
  BERTH_SEALING_KEY: z.string().startsWith('arn:'),
  /** The platforms whose proof of identity is accepted; read by the gateway, which authenticates agents. */
  BERTH_AGENT_IDENTITIES: jsonText(AgentIdentitySettings).default({}),
  /** `https://cognito-idp.<region>.amazonaws.com/<pool>`. */
  BERTH_ISSUER: z.url(),
  /** The user pool client of portal and CLI. */
  BERTH_CLIENT_ID: z.string().min(1),
  /** The parent domain of the apps' hosts. */
  BERTH_APP_DOMAIN: z.string().min(1),
  /** Where people get help: a page or a mail address. */
  BERTH_SUPPORT_URL: SupportUrl.optional(),
  /** URL of the portal, without a trailing slash. */
  BERTH_PORTAL_URL: z.url(),
  /** URL that agents connect to, without a trailing slash. */
  BERTH_GATEWAY_URL: z.url(),
  /** The SSO group of each role: `{"admin":"platform-admins"}`. */
  BERTH_ROLE_GROUPS: jsonText(z.partialRecord(z.enum(['admin', 'auditor', 'template-admin']), z.string().min(1))),
  /** The identity provider's attribute names, and which groups to keep. */
  BERTH_FEDERATION: jsonText(FederationSettings),
  /** Limits for all workspaces, which no template can widen: `{"sharing":{…},"browserOnly":false}`. */
  BERTH_LIMITS: jsonText(InstallationLimits),
  /** Ports of the gateway: for the load balancer, and for other replicas. */
  BERTH_PORT: port.default(8_080),
  BERTH_PEER_PORT: port.default(8_081),
  /** Host at which other replicas reach this one. On ECS the gateway reads it from the task metadata endpoint. */
  BERTH_REPLICA_HOST: z.string().min(1),
  /** How long a stopping gateway keeps people's connections open. Must be below the task's stop timeout. */
  BERTH_DRAIN_SECONDS: z.coerce.number().int().min(0).max(110).default(25),
  /** Region of the table and the secrets; a gateway replica may run in another. */
  BERTH_HOME_REGION: z.string().min(1),
  /** Set by AWS in functions and tasks. */
  AWS_REGION: z.string().min(1),
  /** Settings of each installed compute kind, by its name. */
  BERTH_COMPUTE: jsonText(z.record(z.string(), z.json())),
};

export type VariableName = keyof typeof variables;
export type Variables<N extends VariableName> = { [K in N]: z.output<(typeof variables)[K]> };

/** Reads the named variables. Throws one error that lists every missing or invalid variable. */
export const readVariables = <N extends VariableName>(env: NodeJS.ProcessEnv, names: readonly N[]): Variables<N> => {
  const read = z.object(Object.fromEntries(names.map((name) => [name, variables[name]]))).safeParse(env);
  if (read.success) return read.data as Variables<N>;
  const problems = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(
    `Berth cannot start because of its environment variables: ${problems.join('; ')}. Correct the deployment's settings.`,
  );
};

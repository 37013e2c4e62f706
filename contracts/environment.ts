import * as z from 'zod';
import { AgentIdentitySettings } from './agent-identities.ts';
import { WorkflowName } from './events.ts';
import { jsonText } from './json-text.ts';
import { InstallationLimits } from './sharing-limits.ts';

const port = z
  .string()
  .regex(/^[0-9]{1,5}$/, 'is no port')
  .transform(Number)
  .pipe(z.int().max(65_535));

/**
 * Environment variables of deployed functions and of the gateway. They are named here once, so that the grant that sets
 * a variable (infra) and the code that reads it cannot differ. Secrets are never among them: only the ARN of one.
 */
export const variables = {
  /** Name of the DynamoDB table. */
  BERTH_TABLE: z.string().min(1),
  /** ARN of each state machine, by the workflow's name. */
  BERTH_WORKFLOWS: jsonText(z.record(WorkflowName, z.string().startsWith('arn:'))),
  /** Name of the EventBridge Scheduler group that holds the schedules of workspaces. */
  BERTH_SCHEDULE_GROUP: z.string().min(1),
  /** ARN of the role by which a schedule calls its function. */
  BERTH_SCHEDULE_ROLE: z.string().startsWith('arn:'),
  /** ARN of the queue that takes calls that failed for good. */
  BERTH_SCHEDULE_DEAD_LETTERS: z.string().startsWith('arn:'),
  /** ARN of the function that stops a workspace whose time has come. */
  BERTH_STOP_FUNCTION: z.string().startsWith('arn:'),
  /** ARN of the function that starts a workspace at its hour. */
  BERTH_AUTOSTART_FUNCTION: z.string().startsWith('arn:'),
  /** Name of the Kinesis stream of audit events. */
  BERTH_AUDIT_STREAM: z.string().min(1),
  /** URL of the queue with the places in the change stream that a consumer gave up on. */
  BERTH_FAILED_CHANGES: z.url(),
  /** ARN of the secret that signs agent tokens. */
  BERTH_AGENT_KEY: z.string().startsWith('arn:'),
  /** ARN of the KMS key that people's git keys are sealed with. */
  BERTH_SEALING_KEY: z.string().startsWith('arn:'),
  /** Which platforms vouch for agents; for the gateway, where agents sign on. */
  BERTH_AGENT_IDENTITIES: jsonText(AgentIdentitySettings).default({}),
  /** `https://cognito-idp.<region>.amazonaws.com/<pool>`. */
  BERTH_ISSUER: z.url(),
  /** The portal's and the CLI's client of the user pool. */
  BERTH_CLIENT_ID: z.string().min(1),
  /** The domain below which apps have their hosts. */
  BERTH_APP_DOMAIN: z.string().min(1),
  /** Where the portal is, without a slash at the end. */
  BERTH_PORTAL_URL: z.url(),
  /** Where agents dial in, without a slash at the end. */
  BERTH_GATEWAY_URL: z.url(),
  /** The SSO group of each role: `{"admin":"platform-admins"}`. */
  BERTH_ROLE_GROUPS: jsonText(z.partialRecord(z.enum(['admin', 'auditor', 'template-admin']), z.string().min(1))),
  /** What holds for all workspaces, whatever their templates say: `{"sharing":{…},"browserOnly":false}`. */
  BERTH_LIMITS: jsonText(InstallationLimits),
  /** Where the gateway listens for its load balancer, and for its other replicas. */
  BERTH_PORT: port.default(8_080),
  BERTH_PEER_PORT: port.default(8_081),
  /** Host at which other replicas reach this one, or the URL of ECS's metadata that tells it; ECS sets that itself. */
  BERTH_REPLICA_HOST: z.string().min(1),
  /** How long a gateway that is to end leaves what people have open; below the stop timeout of its task. */
  BERTH_DRAIN_SECONDS: z.coerce.number().int().min(0).max(110).default(25),
  /** Region of the table and the secrets; a replica of the gateway may stand in another. */
  BERTH_HOME_REGION: z.string().min(1),
  /** Set by AWS in functions and tasks. */
  AWS_REGION: z.string().min(1),
  /** Settings of each kind of compute that is installed, by the kind's name. */
  BERTH_COMPUTE: jsonText(z.record(z.string(), z.json())),
};

export type VariableName = keyof typeof variables;
export type Variables<N extends VariableName> = { [K in N]: z.output<(typeof variables)[K]> };

/** Reads the named variables. Throws one error that tells everything that is missing or wrong. */
export const readVariables = <N extends VariableName>(env: NodeJS.ProcessEnv, names: readonly N[]): Variables<N> => {
  const read = z.object(Object.fromEntries(names.map((name) => [name, variables[name]]))).safeParse(env);
  if (read.success) return read.data as Variables<N>;
  const problems = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(
    `Berth cannot start with its environment: ${problems.join('; ')}. Correct the deployment's settings.`,
  );
};

import * as z from 'zod';
import { appFailures } from '../errors/app-failures.ts';
import { App } from '../templates/template-file.ts';
import { AppName } from '../values/names.ts';
import { Instant } from '../values/time.ts';
import { AppHealth } from '../workspaces/workspace.ts';
import { logChunkLimit, plainPath } from './wire.ts';

/**
 * The tunnel. The agent dials `GET /agent` at the gateway (WebSocket, `Authorization: Bearer <agent token>`,
 * subprotocol `berth-tunnel.<version>`). The gateway refuses an invalid token with 401, an old build or an older agent
 * with 410; both are final, and the agent exits (after a 401 it first authenticates again). The agent retries after
 * any other error, with back-off. A WebSocket ping with the payload `elsewhere` asks the agent to dial again within a
 * second, because the gateway is about to end; open streams stay on the old connection.
 *
 * The gateway opens streams on the WebSocket (tunnel/frames.ts), each to an authority. A refusal has an HTTP status.
 * - `run`: the gateway sends a `Manifest` and ends its direction. The agent's end confirms it; a reset means that the
 *   agent serves another build. Repeating it for the same build changes nothing, except that the startup script runs
 *   again when `startupRuns` rose.
 * - `events.<seq>`: an endless NDJSON stream of `AgentEvent`, beginning after `seq`.
 * - `activity`: `Activity`.
 * - `app.<name>`: bytes to and from the app's port or socket; 404 for an app that is not in the manifest, 502 when the
 *   app does not listen. The agent speaks TLS to an app with `protocol: https`.
 * - `port.<number>`: bytes to and from a port of the workspace's loopback interface; 502 when nothing listens. The
 *   agent speaks TLS once a diagnosis found that the port accepts nothing else.
 * - `diagnosis.<authority>`: an `AppDiagnosis` of the app or port with that authority, found by connecting to it.
 * - `session`: bytes to and from the agent's own HTTP/1.1 server, which upgrades WebSockets on `/terminal`, `/exec`,
 *   `/ssh`, `/ports` and `/port/<n>` (contracts/sessions/session.ts).
 */

/** The configuration of git in a workspace. */
export const GitSetup = z.object({
  name: z.string().meta({ description: 'The owner’s full name, used for commits unless they configured another' }),
  email: z.string().optional(),
  key: z
    .object({
      privateKey: z.string().meta({ description: 'Ed25519, PKCS #8, in base64; the agent keeps it in memory only' }),
      publicKey: z.string().meta({ description: 'OpenSSH format, with a comment' }),
    })
    .optional(),
  problem: z.string().max(400).optional().meta({ description: 'Why the key is missing; shown as a step' }),
});
export type GitSetup = z.infer<typeof GitSetup>;

/** What the agent runs: the template with its expressions evaluated. */
export const Manifest = z.object({
  workspace: z.object({ id: z.string(), name: z.string(), owner: z.string() }),
  build: z.string(),
  startup: z.string(),
  startupTimeoutMs: z.int(),
  env: z.record(z.string(), z.string()),
  dotfiles: z.string().meta({ description: 'Git URL, or empty' }),
  git: GitSetup.optional(),
  sshHostKey: z
    .string()
    .optional()
    .meta({ description: 'Private host key in OpenSSH format; the agent keeps it in memory only' }),
  apps: z.array(App),
  addresses: z
    .object({
      domain: z.string().meta({ description: 'The parent domain of the apps’ hosts' }),
      apps: z.record(z.string(), z.string()).meta({ description: 'Address of each app, by its name' }),
      port: z.string().meta({ description: 'Address of a port, with `{port}` for its number' }),
    })
    .optional()
    .meta({ description: 'Added by the gateway' }),
  startupRuns: z.int().optional().meta({
    description: 'How often another run of the startup script was requested; the agent runs it when the number rises',
  }),
});
export type Manifest = z.infer<typeof Manifest>;

const event = { seq: z.int().min(1), at: Instant };

/** Events are numbered from 1, without gaps, within one run of the build. */
export const AgentEvent = z.discriminatedUnion('type', [
  z.object({
    ...event,
    type: z.literal('step'),
    step: z.string().max(40),
    title: z.string().max(80),
    status: z.enum(['running', 'succeeded', 'failed']),
    message: z.string().max(400).optional(),
  }),
  z.object({ ...event, type: z.literal('log'), step: z.string().max(40), text: z.string().max(logChunkLimit) }),
  z.object({
    ...event,
    type: z.literal('status'),
    status: z.enum(['ready', 'start_error']),
    message: z.string().max(400).optional(),
    error: z.enum(['startup_failed', 'startup_timeout']).optional(),
    home: z.string().max(200).regex(plainPath).optional().meta({ description: 'Path of the home' }),
  }),
  z.object({
    ...event,
    type: z.literal('app'),
    app: AppName,
    health: AppHealth,
    problem: z.string().max(400).optional().meta({ description: 'With `unhealthy`: what is wrong, and what to do' }),
  }),
]);
export type AgentEvent = z.infer<typeof AgentEvent>;

/** Why an app returned no valid response; `unknown` when the agent found no reason. */
export const AppDiagnosis = z.enum([...appFailures, 'unknown']);
export type AppDiagnosis = z.infer<typeof AppDiagnosis>;

export const Activity = z.object({
  lastInputAt: Instant.optional().meta({
    description: 'Last activity of a person that the agent saw (contracts/agent/activity.ts)',
  }),
  connections: z.int().min(0),
});
export type Activity = z.infer<typeof Activity>;

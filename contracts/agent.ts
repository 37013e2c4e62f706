import * as z from 'zod';
import { AppName, WorkspaceId } from './names.ts';
import { App } from './template.ts';
import { logChunkLimit, plainPath } from './wire.ts';
import { AppHealth, Instant } from './workspace.ts';

/**
 * The tunnel. The agent dials `GET /agent` at the gateway (WebSocket, `Authorization: Bearer <agent token>`, subprotocol
 * `berth-tunnel.<version>`). Refusals: 401 for a token that is not valid, 410 for one of an old build or an agent of an
 * older version, both final: the agent ends itself (after a 401 it signs on once more before that). Anything else is tried
 * again with back-off. A WebSocket ping that says `elsewhere` asks it to dial anew within a second, while this connection
 * stays for what is open through it: the gateway is about to end.
 *
 * On the WebSocket the gateway opens streams (tunnel/frames.ts), each to an authority; a refusal has a status as in HTTP:
 * - `run`: the gateway sends a `Manifest`, what to start, and ends. Repeated with the same build it changes nothing. The
 *   agent's own end says that it took it, a reset that it serves another build.
 * - `events.<seq>`: NDJSON `AgentEvent`s without an end, from the first after `seq`.
 * - `activity`: `Activity`.
 * - `app.<name>`: bytes to and from the app's port or socket; 404 for none of the manifest's, 502 when it does not listen.
 * - `port.<number>`: bytes to and from that port of the workspace's loopback; 502 when nothing listens.
 * - `session`: bytes to and from the agent's own HTTP/1.1 server, which takes WebSocket upgrades on `/terminal`, `/exec`,
 *   `/ssh` and `/port/<n>` (see session.ts).
 */

/**
 * How an agent comes by its token: it shows what its platform says of it, at `POST /agent/sign-on` of the gateway
 * (JSON, 16 KB at the most), and is answered the token of its workspace's current build. Every refusal is the same 401
 * `agent_refused`, final like that of the tunnel.
 */
export const SignOnRequest = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('kubernetes'),
    workspaceId: WorkspaceId,
    token: z.string().max(8_192).meta({ description: 'The service-account token projected into the pod' }),
  }),
  z.strictObject({
    kind: z.literal('ec2'),
    workspaceId: WorkspaceId,
    document: z.string().max(4_096).meta({ description: 'The instance identity document, byte for byte' }),
    signature: z.string().max(1_024).meta({ description: 'Its RSA signature, in base64' }),
  }),
  z.strictObject({
    kind: z.literal('one-time'),
    workspaceId: WorkspaceId,
    token: z.string().max(200),
    nonce: z
      .string()
      .regex(/^[\w-]{43}$/)
      .meta({ description: 'Random per agent process; it may ask again when an answer was lost, nobody else may' }),
  }),
]);
export type SignOnRequest = z.infer<typeof SignOnRequest>;

export const SignOnAnswer = z.object({ token: z.string() });
export type SignOnAnswer = z.infer<typeof SignOnAnswer>;

/** How the owner's git is to work in their workspace. */
export const GitSetup = z.object({
  name: z.string().meta({ description: 'The owner’s full name, for commits where they configured none' }),
  email: z.string().optional(),
  key: z
    .object({
      privateKey: z.string().meta({ description: 'Ed25519, PKCS #8, in base64; for the memory of the agent alone' }),
      publicKey: z.string().meta({ description: 'Its line in OpenSSH’s format, with a comment' }),
    })
    .optional(),
  problem: z.string().max(400).optional().meta({ description: 'Why the key is missing, to be shown as a step' }),
});
export type GitSetup = z.infer<typeof GitSetup>;

/** What the agent is to run; the template with its expressions worked out. */
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
    .meta({ description: 'Private host key in OpenSSH’s format, for the memory of the agent alone' }),
  apps: z.array(App),
});
export type Manifest = z.infer<typeof Manifest>;

const event = { seq: z.int().min(1), at: Instant };

/** Events are numbered from 1 without a gap within one run of the agent's build. */
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
    home: z.string().max(200).regex(plainPath).optional().meta({ description: 'With `ready`: the path of its home' }),
  }),
  z.object({ ...event, type: z.literal('app'), app: AppName, health: AppHealth }),
]);
export type AgentEvent = z.infer<typeof AgentEvent>;

export const Activity = z.object({
  lastInputAt: Instant.optional().meta({ description: 'The last keystroke, request or SSH traffic' }),
  connections: z.int().min(0),
});
export type Activity = z.infer<typeof Activity>;

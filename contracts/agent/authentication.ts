import * as z from 'zod';
import { WorkspaceId } from '../values/names.ts';

/**
 * Agent authentication: the agent sends a proof of its platform to `POST /agent/sign-on` at the gateway (JSON, at most
 * 16 KB) and receives the token of its workspace's current build. Every refusal is the same 401 `agent_refused`, which
 * is final.
 */
export const AgentAuthenticationRequest = z.discriminatedUnion('kind', [
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
      .meta({
        description: 'Random per agent process. With it, the same process may repeat a request whose response was lost',
      }),
  }),
]);
export type AgentAuthenticationRequest = z.infer<typeof AgentAuthenticationRequest>;

export const AgentAuthenticationResponse = z.object({ token: z.string() });
export type AgentAuthenticationResponse = z.infer<typeof AgentAuthenticationResponse>;

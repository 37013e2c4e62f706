import type { AgentIdentitySettings } from '../../contracts/agent-identities.ts';
import type { AgentIdentities } from '../../core/ports.ts';
import { ec2Identity } from './ec2.ts';
import { kubernetesIdentity } from './kubernetes.ts';

/** The platforms that the settings name. Throws for a certificate that is none. */
export const agentIdentities = ({ kubernetes, ec2 }: AgentIdentitySettings): AgentIdentities => ({
  ...(kubernetes === undefined ? {} : { kubernetes: kubernetesIdentity(kubernetes) }),
  ...(ec2 === undefined ? {} : { ec2: ec2Identity(ec2) }),
});

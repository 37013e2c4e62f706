import type { AgentIdentitySettings } from '../../contracts/settings/agent-identities.ts';
import type { AgentIdentities } from '../../core/ports/agent-identities.ts';
import { ec2Identity } from './ec2.ts';
import { kubernetesIdentity } from './kubernetes.ts';

/** Creates the verifiers for the platforms in the settings. Throws if a certificate is invalid. */
export const agentIdentities = ({ kubernetes, ec2 }: AgentIdentitySettings): AgentIdentities => ({
  ...(kubernetes === undefined ? {} : { kubernetes: kubernetesIdentity(kubernetes) }),
  ...(ec2 === undefined ? {} : { ec2: ec2Identity(ec2) }),
});

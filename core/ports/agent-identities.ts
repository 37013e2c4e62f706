/** Loads the installation's secret that signs agent tokens. Handed only to code that creates or verifies them. */
export type AgentKey = () => Promise<string>;

/** A pod, as its cluster vouches for it. */
export interface PodIdentity {
  namespace: string;
  pod: string;
}

/** A virtual machine, as EC2 vouches for it. */
export interface InstanceIdentity {
  instanceId: string;
}

/**
 * The platforms that vouch for agents, those that this installation uses. Each throws a `BerthError` `agent_refused`
 * for a proof that is not valid, and any other error when the platform cannot be reached.
 */
export interface AgentIdentities {
  kubernetes?: (token: string) => Promise<PodIdentity>;
  ec2?: (document: string, signature: string) => Promise<InstanceIdentity>;
}

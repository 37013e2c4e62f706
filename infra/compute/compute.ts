import { Annotations, Duration, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { AgentIdentitySettings } from '../../contracts/settings/agent-identities.ts';
import { BerthFunction } from '../functions/berth-function.ts';
import type { Workload } from '../functions/workload.ts';
import type { Network } from '../network/network.ts';
import type { Installation } from '../settings/installation.ts';
import type { Settings } from '../settings/settings.ts';
import type { StatefulStack } from '../stateful/stateful-stack.ts';
import type { Schedules } from '../workflows/schedules.ts';
import type { Workflows } from '../workflows/workflows.ts';
import { Kubernetes } from './cluster.ts';
import { VmPools } from './vm-pools.ts';

/** Lambda allows 4 KB of environment variables; the rest is for the other variables. */
const largestBytes = 2_900;
/** A CloudFormation token is about as long as the value it becomes, except for a new cluster's certificate. */
const certificateBytes = 1_500;

export interface ComputeProps {
  installation: Installation;
  stateful: StatefulStack;
  network: Network;
  workflows: Workflows;
  schedules: Schedules;
  /** The function that validates templates against the installation's compute. It manages none. */
  templateFiles: Workload;
}

/** The compute that workspaces run on, and the grants to manage it. */
export class Compute extends Construct {
  readonly kubernetes: Kubernetes | undefined;
  readonly vms: VmPools | undefined;
  /** The function that sizes the VM pools, if there are any. */
  readonly pools: BerthFunction | undefined;

  constructor(scope: Construct, id: string, props: ComputeProps) {
    super(scope, id);
    const { installation, stateful, network, workflows, schedules } = props;
    const { kubernetes: given, vmPools } = installation.settings;
    this.kubernetes = given && new Kubernetes(this, 'Kubernetes', { installation, given, network, key: stateful.key });
    this.vms = vmPools.length === 0 ? undefined : new VmPools(this, 'Vms', { installation, network });
    const text = this.#settings(given?.new !== undefined);
    const { Plan, Apply, CleanUp, StopCompute, DestroyCompute } = workflows.steps;
    const workers = { describe: [Plan], start: [Apply], end: [CleanUp, StopCompute, DestroyCompute, schedules.sweep] };
    for (const workload of [...Object.values(workers).flat(), props.templateFiles])
      workload.addEnvironment('BERTH_COMPUTE', text);
    for (const workload of workers.start) this.#grantStart(workload);
    for (const workload of workers.end) this.#grantEnd(workload);
    for (const workload of [DestroyCompute, schedules.sweep]) this.vms?.grants.deleteHomes(workload);
    this.pools = this.vms && this.#pools(this.vms, text, props);
  }

  /** How agents of this compute authenticate to the gateway. */
  identities({ account, region, vmIdentityCertificates: certificates }: Settings): AgentIdentitySettings {
    const { kubernetes, vms } = this;
    return {
      ...(kubernetes && { kubernetes: { issuer: kubernetes.oidcIssuer, namespace: kubernetes.settings.namespace } }),
      ...(vms && { ec2: { account, region, certificates } }),
    };
  }

  #grantStart(workload: BerthFunction): void {
    this.#grantEnd(workload);
    this.vms?.grants.start(workload);
  }

  #grantEnd(workload: BerthFunction): void {
    this.kubernetes?.grantMove(workload);
    this.vms?.grants.describe(workload);
    this.vms?.grants.end(workload);
  }

  #pools(vms: VmPools, text: string, { installation, stateful, schedules }: ComputeProps): BerthFunction {
    const pools = new BerthFunction(this, 'Pools', {
      installation,
      key: stateful.key,
      entry: 'schedule-pools',
      description: 'Sizes the VM pools',
      memory: 256,
      // Shorter than the interval between two runs.
      timeout: Duration.seconds(55),
      // Concurrent runs could set a pool to different sizes.
      atMost: 1,
    });
    pools.addEnvironment('BERTH_COMPUTE', text);
    const { homeRetention } = installation.settings;
    if (homeRetention !== undefined) pools.addEnvironment('BERTH_HOME_RETENTION', homeRetention);
    stateful.table.grantReadWrite(pools);
    vms.grants.describe(pools);
    vms.grants.end(pools);
    vms.grants.resize(pools);
    pools.keepFailures(schedules.failures, Duration.minutes(1));
    schedules.every('PoolsEveryMinute', pools, 'rate(1 minute)');
    return pools;
  }

  #settings(hasNewCluster: boolean): string {
    const settings = {
      ...(this.kubernetes === undefined ? {} : { 'kubernetes-pod': this.kubernetes.settings }),
      ...(this.vms === undefined ? {} : { 'ec2-vm': this.vms.settings }),
    };
    const bytes = JSON.stringify(settings).length + (hasNewCluster ? certificateBytes : 0);
    if (bytes > largestBytes) {
      Annotations.of(this).addError(
        `The compute settings have about ${bytes} bytes, but a function's environment variables can hold only ${largestBytes} of them. Remove pools, hours, labels or destinations.`,
      );
    }
    return Stack.of(this).toJsonString(settings);
  }
}

import { Annotations, Duration, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { AgentIdentitySettings } from '../contracts/agent-identities.ts';
import { BerthFunction } from './function.ts';
import type { Installation } from './installation.ts';
import type { KeptStack } from './kept-stack.ts';
import { Kubernetes } from './kubernetes.ts';
import type { Network } from './network.ts';
import type { Schedules } from './schedules.ts';
import type { Settings } from './settings.ts';
import { VmPools } from './vm-pools.ts';
import type { Worker } from './worker.ts';
import type { Workflows } from './workflows.ts';

/** A Lambda takes 4 KB of variables; what the other ones take is left free. */
const largestBytes = 2_900;
/** What stands in a template for a name that AWS gives is about as long as such a name; a cluster's certificate is not. */
const certificateBytes = 1_500;

export interface ComputeProps {
  installation: Installation;
  kept: KeptStack;
  network: Network;
  workflows: Workflows;
  schedules: Schedules;
  /** Holds templates against what there is; moves nothing. */
  templateFiles: Worker;
}

/** What workspaces run on, and who may ask it for what. */
export class Compute extends Construct {
  readonly kubernetes: Kubernetes | undefined;
  readonly vms: VmPools | undefined;
  /** Keeps the pools at their sizes; only with pools. */
  readonly pools: BerthFunction | undefined;

  constructor(scope: Construct, id: string, props: ComputeProps) {
    super(scope, id);
    const { installation, kept, network, workflows, schedules } = props;
    const { kubernetes: given, vmPools } = installation.settings;
    this.kubernetes = given && new Kubernetes(this, 'Kubernetes', { installation, given, network, key: kept.key });
    this.vms = vmPools.length === 0 ? undefined : new VmPools(this, 'Vms', { installation, network });
    const text = this.#settings(given?.new !== undefined);
    const { Plan, Apply, CleanUp, StopCompute, DestroyCompute } = workflows.steps;
    const workers = { look: [Plan], start: [Apply], end: [CleanUp, StopCompute, DestroyCompute, schedules.sweep] };
    for (const worker of [...Object.values(workers).flat(), props.templateFiles]) worker.tell('BERTH_COMPUTE', text);
    for (const worker of workers.start) this.#grantStart(worker);
    for (const worker of workers.end) this.#grantEnd(worker);
    this.pools = this.vms && this.#pools(this.vms, text, props);
  }

  /** By what the gateway knows the agents of this compute. */
  identities({ account, region, vmIdentityCertificates: certificates }: Settings): AgentIdentitySettings {
    const { kubernetes, vms } = this;
    return {
      ...(kubernetes && { kubernetes: { issuer: kubernetes.oidcIssuer, namespace: kubernetes.settings.namespace } }),
      ...(vms && { ec2: { account, region, certificates } }),
    };
  }

  #grantStart(worker: BerthFunction): void {
    this.#grantEnd(worker);
    this.vms?.grants.start(worker);
  }

  #grantEnd(worker: BerthFunction): void {
    this.kubernetes?.grantMove(worker);
    this.vms?.grants.look(worker);
    this.vms?.grants.end(worker);
  }

  #pools(vms: VmPools, text: string, { installation, kept, schedules }: ComputeProps): BerthFunction {
    const pools = new BerthFunction(this, 'Pools', {
      installation,
      key: kept.key,
      entry: 'schedule-pools',
      description: 'Keeps VM pools at their sizes',
      memory: 256,
      // Over before the next one begins.
      timeout: Duration.seconds(55),
      // Two at once would argue about one size.
      atMost: 1,
    });
    pools.tell('BERTH_COMPUTE', text);
    kept.table.grantReadWrite(pools);
    vms.grants.look(pools);
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
        `The settings of compute take about ${bytes} bytes; a Lambda's variables take ${largestBytes}. Name fewer pools, hours, labels or destinations.`,
      );
    }
    return Stack.of(this).toJsonString(settings);
  }
}

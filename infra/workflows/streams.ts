import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, FilterCriteria, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { BerthFunction } from '../functions/berth-function.ts';
import { FailureQueue } from '../functions/failure-queue.ts';
import type { Installation } from '../settings/installation.ts';
import type { StatefulStack } from '../stateful/stateful-stack.ts';
import type { Schedules } from './schedules.ts';
import type { Workflows } from './workflows.ts';

export interface StreamsProps {
  installation: Installation;
  stateful: StatefulStack;
  workflows: Workflows;
  schedules: Schedules;
}

/** The key of an item, in the form of a filter on the change stream. */
const key = (pk: object[], sk?: (object | string)[]) => ({
  Keys: { pk: { S: pk }, ...(sk === undefined ? {} : { sk: { S: sk } }) },
});

interface Consumer {
  workload: BerthFunction;
  filter: Record<string, unknown>;
  retryAttempts: number;
  maxRecordAge: Duration;
  parallelizationFactor: number;
  batchSize: number;
}

/**
 * The two consumers of the change stream; DynamoDB allows no more than two per shard. A poison record is isolated by
 * halving its batch, retried, and then its position goes to the dead-letter queue, so that it does not block other
 * records.
 */
export class Streams extends Construct {
  readonly workspaces: BerthFunction;
  readonly audit: BerthFunction;
  readonly failures: FailureQueue;

  constructor(scope: Construct, id: string, { installation, stateful, workflows, schedules }: StreamsProps) {
    super(scope, id);
    this.failures = new FailureQueue(this, 'Failures', { key: stateful.key });
    const make = (area: 'workspaces' | 'audit', description: string) =>
      new BerthFunction(this, area, {
        installation,
        key: stateful.key,
        entry: `stream-${area}`,
        description,
        // The function waits for other services; a batch with full images is a few MB.
        memory: 256,
        // Long enough for ten records whose calls all take their longest. A batch that times out is retried in halves.
        timeout: Duration.minutes(1),
        // No reserved concurrency: the shards and the parallelization factor limit it.
      });
    this.workspaces = make('workspaces', 'Starts workflows, ends waits, schedules stops');
    this.audit = make('audit', 'Delivers audit events to their stream');
    workflows.grantRun(this.workspaces);
    schedules.grantManage(this.workspaces);
    stateful.audit.grantWrite(this.audit);
    this.#consume(stateful, {
      workload: this.workspaces,
      filter: { dynamodb: key([{ prefix: 'workspace#' }], ['workspace', { prefix: 'build#' }]) },
      // Seven attempts within about 30 s. After that the sweep, which runs each minute, does the work.
      retryAttempts: 7,
      maxRecordAge: Duration.hours(1),
      // Records of one workspace stay in order, and ten batches of a shard are handled concurrently.
      parallelizationFactor: 10,
      batchSize: 10,
    });
    this.#consume(stateful, {
      workload: this.audit,
      filter: { eventName: ['INSERT'], dynamodb: key([{ prefix: 'audit#' }]) },
      // Audit events are retried until shortly before the stream drops them, after 24 h.
      retryAttempts: 10_000,
      maxRecordAge: Duration.hours(23),
      parallelizationFactor: 2,
      batchSize: 100,
    });
  }

  #consume(stateful: StatefulStack, { workload, filter, ...tuning }: Consumer): void {
    stateful.table.grantStream(workload);
    this.failures.grantSend(workload);
    const mapping = new EventSourceMapping(workload, 'Changes', {
      target: workload.lambda,
      eventSourceArn: stateful.table.streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      filters: [FilterCriteria.filter(filter)],
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      onFailure: { bind: () => ({ destination: this.failures.arn }) },
      ...tuning,
    });
    // Lambda reads the stream when the mapping is created, so the policy has to exist before.
    mapping.node.addDependency(workload.role);
  }
}

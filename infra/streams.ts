import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, FilterCriteria, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { FailureQueue } from './failure-queue.ts';
import { BerthFunction } from './function.ts';
import type { Installation } from './installation.ts';
import type { KeptStack } from './kept-stack.ts';
import type { Schedules } from './schedules.ts';
import type { Workflows } from './workflows.ts';

export interface StreamsProps {
  installation: Installation;
  kept: KeptStack;
  workflows: Workflows;
  schedules: Schedules;
}

/** The key of an item, as a filter of the change stream asks for it. */
const key = (pk: object[], sk?: (object | string)[]) => ({
  Keys: { pk: { S: pk }, ...(sk === undefined ? {} : { sk: { S: sk } }) },
});

interface Consumer {
  worker: BerthFunction;
  filter: Record<string, unknown>;
  retryAttempts: number;
  maxRecordAge: Duration;
  parallelizationFactor: number;
  batchSize: number;
}

/**
 * The two consumers of the change stream; DynamoDB lets no more than two read a shard. A record that cannot be handled
 * is isolated by halving its batch, tried so often, and then its place kept in a queue: it holds up nobody else.
 */
export class Streams extends Construct {
  readonly workspaces: BerthFunction;
  readonly audit: BerthFunction;
  readonly failures: FailureQueue;

  constructor(scope: Construct, id: string, { installation, kept, workflows, schedules }: StreamsProps) {
    super(scope, id);
    this.failures = new FailureQueue(this, 'Failures', { key: kept.key });
    const make = (area: 'workspaces' | 'audit', description: string) =>
      new BerthFunction(this, area, {
        installation,
        key: kept.key,
        entry: `stream-${area}`,
        description,
        // It waits for other services; a batch of full images is a few MB.
        memory: 256,
        // A batch of ten records with each call at its longest; a batch that takes longer comes again, halved.
        timeout: Duration.minutes(1),
        // No reserved concurrency: shards times the parallelization factor bound it.
      });
    this.workspaces = make('workspaces', 'Starts workflows, ends waits, schedules stops');
    this.audit = make('audit', 'Delivers audit events to their stream');
    workflows.grantRun(this.workspaces);
    schedules.grantManage(this.workspaces);
    kept.audit.grantWrite(this.audit);
    this.#consume(kept, {
      worker: this.workspaces,
      filter: { dynamodb: key([{ prefix: 'workspace#' }], ['workspace', { prefix: 'build#' }]) },
      // Seven tries within about half a minute: the sweep, each minute, does what is left out here.
      retryAttempts: 7,
      maxRecordAge: Duration.hours(1),
      // Records of one workspace stay in order; ten groups of them do not wait for each other.
      parallelizationFactor: 10,
      batchSize: 10,
    });
    this.#consume(kept, {
      worker: this.audit,
      filter: { eventName: ['INSERT'], dynamodb: key([{ prefix: 'audit#' }]) },
      // Nothing may be left out while there is hope: until shortly before the stream itself forgets, after 24 h.
      retryAttempts: 10_000,
      maxRecordAge: Duration.hours(23),
      parallelizationFactor: 2,
      batchSize: 100,
    });
  }

  #consume(kept: KeptStack, { worker, filter, ...tuning }: Consumer): void {
    kept.table.grantStream(worker);
    this.failures.grantSend(worker);
    const mapping = new EventSourceMapping(worker, 'Changes', {
      target: worker.lambda,
      eventSourceArn: kept.table.streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      filters: [FilterCriteria.filter(filter)],
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      onFailure: { bind: () => ({ destination: this.failures.arn }) },
      ...tuning,
    });
    // Lambda tries the stream when the mapping is made; the policy has to be there before.
    mapping.node.addDependency(worker.role);
  }
}

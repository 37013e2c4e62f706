import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Architecture,
  CfnEventInvokeConfig,
  Function as Lambda,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { EntryName } from '../../bundles/entries.ts';
import type { VariableName } from '../../contracts/settings/environment.ts';
import type { Installation } from '../settings/installation.ts';
import type { FailureQueue } from './failure-queue.ts';
import { allow, type Workload } from './workload.ts';

export interface BerthFunctionProps {
  installation: Installation;
  key: IKey;
  entry: EntryName;
  description: string;
  /** MB. CPU is proportional to it: one vCPU at 1,769 MB. */
  memory: number;
  timeout: Duration;
  /** The reserved concurrency; by default none. */
  atMost?: number;
  /** Set where the ARN must be known before the function exists. */
  functionName?: string;
}

/** A Lambda function with tracing, a log group, and a role that has nothing but the function's grants. */
export class BerthFunction extends Construct implements Workload {
  readonly role: Role;
  readonly lambda: Lambda;
  readonly logs: LogGroup;

  constructor(scope: Construct, id: string, props: BerthFunctionProps) {
    super(scope, id);
    const { installation, key, entry } = props;
    this.logs = new LogGroup(this, 'Logs', {
      // A predictable name, which the runbook can refer to.
      logGroupName: `/aws/lambda/${installation.settings.name}/${entry}`,
      encryptionKey: key,
      // The settings accept exactly the enumeration's values.
      retention: installation.settings.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    allow(this, ['logs:CreateLogStream', 'logs:PutLogEvents'], [this.logs.logGroupArn]);
    this.lambda = new Lambda(this, 'Function', {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: installation.artifacts.code(entry),
      role: this.role,
      logGroup: this.logs,
      loggingFormat: LoggingFormat.JSON,
      memorySize: props.memory,
      timeout: props.timeout,
      tracing: Tracing.ACTIVE,
      ...(props.atMost === undefined ? {} : { reservedConcurrentExecutions: props.atMost }),
      ...(props.functionName === undefined ? {} : { functionName: props.functionName }),
    });
  }

  addEnvironment(name: VariableName, value: string): void {
    this.lambda.addEnvironment(name, value);
  }

  /** Retries failed asynchronous calls twice within `maxAge`, then sends them to the dead-letter queue. */
  keepFailures(queue: FailureQueue, maxAge: Duration): void {
    queue.grantSend(this);
    new CfnEventInvokeConfig(this, 'Failures', {
      functionName: this.lambda.functionName,
      qualifier: '$LATEST',
      maximumRetryAttempts: 2,
      maximumEventAgeInSeconds: maxAge.toSeconds(),
      destinationConfig: { onFailure: { destination: queue.arn } },
    });
  }
}

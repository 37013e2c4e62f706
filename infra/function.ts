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
import type { VariableName } from '../contracts/environment.ts';
import type { EntryName } from './entries.ts';
import type { FailureQueue } from './failure-queue.ts';
import type { Installation } from './installation.ts';
import { allow, type Worker } from './worker.ts';

export interface BerthFunctionProps {
  installation: Installation;
  key: IKey;
  entry: EntryName;
  description: string;
  /** MB; CPU rises with it, up to one at 1,769. */
  memory: number;
  timeout: Duration;
  /** The most that run at once; by default what the account leaves. */
  atMost?: number;
  /** A name of its own, where its ARN must be known before it exists. */
  functionName?: string;
}

/** The one way to make a Lambda: its own role with nothing but its grants, its own log group, traced. */
export class BerthFunction extends Construct implements Worker {
  readonly role: Role;
  readonly lambda: Lambda;
  readonly logs: LogGroup;

  constructor(scope: Construct, id: string, props: BerthFunctionProps) {
    super(scope, id);
    const { installation, key, entry } = props;
    this.logs = new LogGroup(this, 'Logs', {
      encryptionKey: key,
      // The numbers that settings take are those of the enumeration.
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
      code: installation.artefacts.code(entry),
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

  tell(name: VariableName, value: string): void {
    this.lambda.addEnvironment(name, value);
  }

  /** Calls that nobody waits for: tried again twice within `maxAge`, then kept in the queue. */
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

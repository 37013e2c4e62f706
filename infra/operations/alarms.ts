import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { Settings } from '../settings/settings.ts';
import type { AlarmRule } from './alarm-rules.ts';

export interface AlarmsProps {
  settings: Settings;
  key: IKey;
  /** By the anchor of each alarm's article in the runbook. */
  rules: Record<string, AlarmRule>;
}

/** Notifies people of failures that Berth does not repair itself. Each alarm links to its article in the runbook. */
export class Alarms extends Construct {
  readonly alarms: Alarm[];

  constructor(scope: Construct, id: string, { settings, key, rules }: AlarmsProps) {
    super(scope, id);
    const topic = this.#topic(settings, key);
    const runbook = settings.runbook ?? 'docs/runbook.md';
    this.alarms = Object.entries(rules).map(([name, rule]) => this.#alarm(name, rule, topic, runbook));
  }

  #alarm(name: string, rule: AlarmRule, topic: ITopic, runbook: string): Alarm {
    const alarm = new Alarm(this, name, {
      alarmDescription: `${rule.what} ${runbook}#${name}`,
      metric: rule.metric,
      threshold: rule.above ?? rule.below,
      comparisonOperator:
        rule.above === undefined ? ComparisonOperator.LESS_THAN_THRESHOLD : ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: rule.periods,
      treatMissingData: rule.whenSilent === 'alarm' ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(topic));
    alarm.addOkAction(new SnsAction(topic));
    return alarm;
  }

  #topic({ alarms }: Settings, key: IKey): ITopic {
    if (alarms.topic !== undefined) return Topic.fromTopicArn(this, 'Topic', alarms.topic);
    const topic = new Topic(this, 'Topic', { masterKey: key, enforceSSL: true });
    // A topic policy replaces the default one, which allows the account's alarms to publish.
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Alarms',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    topic.applyRemovalPolicy(RemovalPolicy.DESTROY);
    topic.addSubscription(new EmailSubscription(alarms.email ?? ''));
    return topic;
  }
}

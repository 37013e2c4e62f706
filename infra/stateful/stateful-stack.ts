import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Installation } from '../settings/installation.ts';
import { AgentKey } from './agent-key.ts';
import { Audit } from './audit.ts';
import { customerKey } from './encryption-key.ts';
import { SignIn } from './sign-in.ts';
import { BerthTable } from './table.ts';

/** The resources that must not be lost: encryption key, table, sign-in, audit and agent key. Rarely deployed. */
export class StatefulStack extends Stack {
  readonly key: IKey;
  readonly table: BerthTable;
  readonly signIn: SignIn;
  readonly audit: Audit;
  readonly agentKey: AgentKey;

  constructor(scope: Construct, id: string, installation: Installation, props: StackProps) {
    super(scope, id, { ...props, terminationProtection: true, description: 'Berth: stateful resources' });
    const key = customerKey(this, installation.settings);
    this.key = key;
    const { replica } = installation.settings;
    this.table = new BerthTable(this, 'Table', { key, restored: installation.settings.restoredTable, replica });
    // Exported even with a restored table: the stateless stack imports them until it is deployed, and CloudFormation
    // refuses to remove an export that is in use.
    for (const value of this.table.own) this.exportValue(value);
    this.signIn = new SignIn(this, 'SignIn', { installation, key });
    if (installation.settings.signIn.saml !== undefined) {
      new CfnOutput(this, 'SamlAudience', {
        value: `urn:amazon:cognito:sp:${this.signIn.pool.userPoolId}`,
        description: 'The audience (entity id) of Berth’s application at the identity provider',
      });
    }
    this.audit = new Audit(this, 'Audit', { key, settings: installation.settings });
    this.agentKey = new AgentKey(this, 'AgentKey', { key, replica });
  }
}

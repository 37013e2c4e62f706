import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { AgentKey } from './agent-key.ts';
import { Audit } from './audit.ts';
import type { Installation } from './installation.ts';
import { customerKey } from './key.ts';
import { SignIn } from './sign-in.ts';
import { BerthTable } from './table.ts';

/** What must outlive everything else: the key, the table, people's sign-in, the audit. Rarely deployed. */
export class KeptStack extends Stack {
  readonly key: IKey;
  readonly table: BerthTable;
  readonly signIn: SignIn;
  readonly audit: Audit;
  readonly agentKey: AgentKey;

  constructor(scope: Construct, id: string, installation: Installation, props: StackProps) {
    super(scope, id, { ...props, terminationProtection: true, description: 'Berth: what is kept' });
    const key = customerKey(this, installation.settings);
    this.key = key;
    this.table = new BerthTable(this, 'Table', { key, restored: installation.settings.restoredTable });
    // Also while a restored table is worked on: what the other stack still uses could not be taken away from it.
    for (const value of this.table.own) this.exportValue(value);
    this.signIn = new SignIn(this, 'SignIn', { installation, key });
    if (installation.settings.signIn.saml !== undefined) {
      new CfnOutput(this, 'SamlAudience', {
        value: `urn:amazon:cognito:sp:${this.signIn.pool.userPoolId}`,
        description: 'The audience (entity id) of Berth’s application at the identity provider',
      });
    }
    this.audit = new Audit(this, 'Audit', { key, settings: installation.settings });
    this.agentKey = new AgentKey(this, 'AgentKey', { key });
  }
}

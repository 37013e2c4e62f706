import { Stack, type StackProps } from 'aws-cdk-lib';
import { CloudFrontTarget } from 'aws-cdk-lib/aws-route53-targets';
import type { Construct } from 'constructs';
import { DomainNames } from '../network/domain-names.ts';
import type { Installation } from '../settings/installation.ts';
import { Portal } from './portal.ts';

/**
 * The portal, in us-east-1, where CloudFront requires its certificate. It refers to the other stacks by host name only.
 */
export class PortalStack extends Stack {
  constructor(scope: Construct, id: string, { settings, addresses, artifacts }: Installation, props: StackProps) {
    super(scope, id, { ...props, description: 'Berth: the portal' });
    const given = settings.domain.certificates?.portal;
    const names = new DomainNames(this, 'Names', { settings, hosts: [addresses.portal], given });
    const { certificate } = names;
    const { distribution } = new Portal(this, 'Portal', {
      settings,
      addresses,
      folder: artifacts.portalFolder,
      certificate,
    });
    names.point('PortalName', addresses.portal, {
      target: new CloudFrontTarget(distribution),
      address: distribution.domainName,
    });
  }
}

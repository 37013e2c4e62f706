import { Stack, type StackProps } from 'aws-cdk-lib';
import { CloudFrontTarget } from 'aws-cdk-lib/aws-route53-targets';
import type { Construct } from 'constructs';
import type { Installation } from './installation.ts';
import { Names } from './names.ts';
import { Portal } from './portal.ts';

/** The portal, in us-east-1: CloudFront takes certificates only from there. It knows the others by their names alone. */
export class PortalStack extends Stack {
  constructor(scope: Construct, id: string, { settings, addresses, artefacts }: Installation, props: StackProps) {
    super(scope, id, { ...props, description: 'Berth: the portal' });
    const given = settings.domain.certificates?.portal;
    const names = new Names(this, 'Names', { settings, hosts: [addresses.portal], given });
    const { certificate } = names;
    const { distribution } = new Portal(this, 'Portal', { addresses, folder: artefacts.portalFolder, certificate });
    names.point('PortalName', addresses.portal, {
      target: new CloudFrontTarget(distribution),
      address: distribution.domainName,
    });
  }
}

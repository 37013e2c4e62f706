import type { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { EntryName } from '../../bundles/entries.ts';
import type { PortalAddresses } from '../../contracts/portal-headers.ts';
import type { Settings } from './settings.ts';

/** The hosts of an installation. They follow from the settings, so stacks need no references to each other for them. */
export interface Addresses {
  portal: string;
  api: string;
  gateway: string;
  /** Each app has a host one label below this domain. */
  apps: string;
  /** The user pool's sign-in pages, and the issuer of its tokens. */
  signIn: string;
  issuer: string;
}

export const addressesOf = ({ domain, region, signIn }: Settings): Addresses => ({
  portal: domain.name,
  api: `api.${domain.name}`,
  gateway: `gateway.${domain.name}`,
  apps: domain.apps ?? `apps.${domain.name}`,
  signIn: `${signIn.domainPrefix}.auth.${region}.amazoncognito.com`,
  issuer: `cognito-idp.${region}.amazonaws.com`,
});

/** The origins that the portal's security headers allow. */
export const portalAddressesOf = ({ portal, issuer, signIn, apps }: Addresses): PortalAddresses => ({
  connect: [`wss://${portal}`, `https://${issuer}`, `https://${signIn}`],
  apps: `https://*.${apps}`,
});

/** What is built before the synthesis; tests pass placeholders. */
export interface Artifacts {
  /** A function's bundle. */
  code: (entry: EntryName) => Code;
  gatewayImage: () => ContainerImage;
  /** The URI of the image that copies the agent into pods. */
  agentImage: (scope: Construct, architecture: 'amd64' | 'arm64') => string;
  /** The script that a VM runs at its first boot. */
  vmUserData: (architecture: 'arm64' | 'x86_64') => string;
  /** The folder with the built portal. */
  portalFolder: string;
}

export interface Installation {
  settings: Settings;
  addresses: Addresses;
  artifacts: Artifacts;
}

import type { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { PortalPlace } from '../contracts/portal-headers.ts';
import type { EntryName } from './entries.ts';
import type { Settings } from './settings.ts';

/** Hosts of one installation. All are known before anything is deployed, so that stacks need not ask each other. */
export interface Addresses {
  portal: string;
  api: string;
  gateway: string;
  /** Apps are one label below it. */
  apps: string;
  /** Where the user pool shows its sign-in, and where its tokens come from. */
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

/** What the portal's security headers are made of. */
export const portalPlaceOf = ({ portal, issuer, signIn, apps }: Addresses): PortalPlace => ({
  connect: [`wss://${portal}`, `https://${issuer}`, `https://${signIn}`],
  apps: `https://*.${apps}`,
});

/** What was built before synth; a test hands in placeholders. */
export interface Artefacts {
  /** The bundle of a function. */
  code: (entry: EntryName) => Code;
  gatewayImage: () => ContainerImage;
  /** URI of the image that brings the agent into pods. */
  agentImage: (scope: Construct, architecture: 'amd64' | 'arm64') => string;
  /** What a VM runs when it boots. */
  vmUserData: (architecture: 'arm64' | 'x86_64') => string;
  /** Folder of the built portal. */
  portalFolder: string;
}

/** What every construct of an installation is made from. */
export interface Installation {
  settings: Settings;
  addresses: Addresses;
  artefacts: Artefacts;
}

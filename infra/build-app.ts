import { type App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { acknowledge } from './acknowledgements.ts';
import { BerthStack } from './berth-stack.ts';
import { type Artefacts, addressesOf } from './installation.ts';
import { KeptStack } from './kept-stack.ts';
import { PortalStack } from './portal-stack.ts';
import { addRegions } from './regions.ts';
import type { Settings } from './settings.ts';

export interface BerthApp {
  app: App;
  kept: KeptStack;
  berth: BerthStack;
  portal: PortalStack;
}

/** One installation: what is kept, what can be replaced, the portal, and the gateway's further regions. */
export const buildApp = (app: App, settings: Settings, artefacts: Artefacts): BerthApp => {
  const { name, account, region } = settings;
  const installation = { settings, addresses: addressesOf(settings), artefacts };
  // What another region needs of these two is carried there while they are deployed.
  const crossRegionReferences = settings.gateway.regions.length > 0;
  const props = { env: { account, region }, crossRegionReferences };
  const kept = new KeptStack(app, `${name}Kept`, installation, props);
  const berth = new BerthStack(app, name, installation, kept, props);
  const portal = new PortalStack(app, `${name}Portal`, installation, { env: { account, region: 'us-east-1' } });
  // Machines of a pool get their agent from the portal's address as soon as there is a pool.
  berth.addStackDependency(portal);
  const regions = addRegions(app, installation, kept, berth);
  Tags.of(app).add('berth:installation', name);
  acknowledge([kept, berth, portal, ...regions]);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { app, kept, berth, portal };
};

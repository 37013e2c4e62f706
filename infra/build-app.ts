import { type App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { acknowledge } from './acknowledgements.ts';
import { BerthStack } from './berth-stack.ts';
import { type Artefacts, addressesOf } from './installation.ts';
import { KeptStack } from './kept-stack.ts';
import { PortalStack } from './portal-stack.ts';
import type { Settings } from './settings.ts';

export interface BerthApp {
  app: App;
  kept: KeptStack;
  berth: BerthStack;
  portal: PortalStack;
}

/** One installation: what is kept, what can be replaced, and the portal. */
export const buildApp = (app: App, settings: Settings, artefacts: Artefacts): BerthApp => {
  const { name, account, region } = settings;
  const installation = { settings, addresses: addressesOf(settings), artefacts };
  const env = { account, region };
  const kept = new KeptStack(app, `${name}Kept`, installation, { env });
  const berth = new BerthStack(app, name, installation, kept, { env });
  const portal = new PortalStack(app, `${name}Portal`, installation, { env: { account, region: 'us-east-1' } });
  // Machines of a pool get their agent from the portal's address as soon as there is a pool.
  berth.addStackDependency(portal);
  Tags.of(app).add('berth:installation', name);
  acknowledge([kept, berth, portal]);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { app, kept, berth, portal };
};

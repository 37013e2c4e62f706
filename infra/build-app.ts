import { type App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { suppressFindings } from './nag/suppressions.ts';
import { PortalStack } from './portal/portal-stack.ts';
import { addRegions } from './regions/further-regions.ts';
import { type Artifacts, addressesOf } from './settings/installation.ts';
import type { Settings } from './settings/settings.ts';
import { StatefulStack } from './stateful/stateful-stack.ts';
import { StatelessStack } from './stateless-stack.ts';

export interface BerthApp {
  app: App;
  stateful: StatefulStack;
  stateless: StatelessStack;
  portal: PortalStack;
}

/** Creates the stacks of an installation: stateful, stateless, portal, and the gateway's further regions. */
export const buildApp = (app: App, settings: Settings, artifacts: Artifacts): BerthApp => {
  const { name, account, region } = settings;
  const installation = { settings, addresses: addressesOf(settings), artifacts };
  // The CDK copies references to these two stacks to the other regions during a deployment.
  const crossRegionReferences = settings.gateway.regions.length > 0;
  const props = { env: { account, region }, crossRegionReferences };
  const stateful = new StatefulStack(app, `${name}Kept`, installation, props);
  const stateless = new StatelessStack(app, name, installation, stateful, props);
  const portal = new PortalStack(app, `${name}Portal`, installation, { env: { account, region: 'us-east-1' } });
  // VMs download the agent from the portal's host as soon as their pool exists.
  stateless.addStackDependency(portal);
  const regions = addRegions(app, installation, stateful, stateless);
  Tags.of(app).add('berth:installation', name);
  suppressFindings([stateful, stateless, portal, ...regions]);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { app, stateful, stateless, portal };
};

import { App } from 'aws-cdk-lib';
import { buildApp } from './build-app.ts';
import { buildArtefacts } from './build-artefacts.ts';
import { readSettings, SettingsError } from './read-settings.ts';

/** `cdk synth|deploy -c settings=berth.config.yaml`. */
const app = new App();
const file = String(app.node.tryGetContext('settings') ?? 'infra/settings.example.yaml');

try {
  const settings = readSettings(file);
  buildApp(app, settings, await buildArtefacts(settings));
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

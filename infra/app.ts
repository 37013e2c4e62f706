import { App } from 'aws-cdk-lib';
import { buildApp } from './build-app.ts';
import { buildArtifacts } from './build-artifacts.ts';
import { readSettings, SettingsError } from './settings/read-settings.ts';

/** `cdk synth|deploy -c settings=berth.config.yaml`. */
const app = new App();
const file = String(app.node.tryGetContext('settings') ?? 'infra/settings.example.yaml');

try {
  const settings = readSettings(file);
  buildApp(app, settings, await buildArtifacts(settings));
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

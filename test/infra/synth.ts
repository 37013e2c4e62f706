import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { parse } from 'yaml';
import { type BerthApp, buildApp } from '../../infra/build-app.ts';
import type { Artifacts } from '../../infra/settings/installation.ts';
import { Settings } from '../../infra/settings/settings.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = dirname(dirname(import.meta.dirname));
const readText = (...path: string[]) => readFileSync(join(root, ...path), 'utf8');

export interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
  DeletionPolicy?: string;
}
export interface Template {
  Resources: Record<string, Resource>;
  [section: string]: unknown;
}

/** Tests build nothing: a template depends on the content of artifacts only by their hashes. */
const placeholders = (): Artifacts => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'index.mjs'), 'export const handler = () => undefined;\n');
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\n');
  const portalFolder = join(folder, 'portal');
  mkdirSync(portalFolder);
  writeFileSync(join(portalFolder, 'index.html'), '<!doctype html>\n');
  return {
    code: () => Code.fromAsset(folder),
    gatewayImage: () => ContainerImage.fromAsset(folder),
    agentImage: (scope) => new DockerImageAsset(scope, 'AgentImage', { directory: folder }).imageUri,
    vmUserData: (architecture) => `#!/bin/bash\n# ${architecture}\n`,
    portalFolder,
  };
};

type Parts = Record<string, unknown>;

/** The settings of the example file with some replaced; `undefined` removes one. */
export const settingsWith = (parts: Parts = {}): Settings =>
  Settings.parse({ ...(parse(readText('infra', 'settings.example.yaml')) as Parts), ...parts });

/** The flags of the construct library, as `cdk` sets them. */
const { context } = JSON.parse(readText('cdk.json')) as { context: Parts };

/** The app of an installation, which can be synthesized without Docker, credentials or network. */
export const givenApp = (settings: Settings): BerthApp & { outdir: string } => {
  const outdir = temporaryFolder();
  return { outdir, ...buildApp(new App({ context, outdir }), settings, placeholders()) };
};

export interface Synthesized {
  /** By stack name. */
  templates: Record<string, Template>;
  /** Resources of a type in all stacks, by `<stack>/<logical id>`. */
  ofType(type: string): [string, Resource][];
}

/** Synthesizes the templates without CloudFormation's own rules, which take seconds; nag.test.ts runs them. */
export const synthesize = (parts?: Parts): Synthesized => {
  process.env['CDK_VALIDATION'] = 'false';
  const { stacks } = givenApp(settingsWith(parts)).app.synth();
  const templates = Object.fromEntries(stacks.map(({ stackName, template }) => [stackName, template as Template]));
  const resources = Object.entries(templates).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).map(([id, resource]): [string, Resource] => [`${stack}/${id}`, resource]),
  );
  return { templates, ofType: (type) => resources.filter(([, { Type }]) => Type === type) };
};

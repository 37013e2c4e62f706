import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { type AgentArchive, type Architecture, buildAgentArchive } from '../bundles/agent-archive.ts';
import { agentDockerfile, stageAgentImage } from '../bundles/agent-image.ts';
import { bundleEntries } from '../bundles/functions.ts';
import { stageGatewayImage } from '../bundles/gateway-image.ts';
import { buildFolder } from '../bundles/paths.ts';
import { buildPortal, portalFolder as builtPortal } from '../bundles/portal.ts';
import { userData } from '../compute/ec2/user-data/user-data.ts';
import { type Artifacts, addressesOf } from './settings/installation.ts';
import type { Settings } from './settings/settings.ts';

const functionsFolder = join(buildFolder, 'functions');
const gatewayFolder = join(buildFolder, 'gateway');
const agentImageFolder = join(buildFolder, 'agent-image');
const portalFolder = join(buildFolder, 'portal');
/** A path of the portal's host: VMs download the agent before they have any credentials. */
const agentPath = 'agent';

const stagePortal = async (archives: Iterable<AgentArchive>): Promise<void> => {
  await buildPortal();
  rmSync(portalFolder, { recursive: true, force: true });
  // CloudFront compresses responses itself.
  const filter = (file: string) => !/\.(br|gz)$/.test(file);
  cpSync(builtPortal, portalFolder, { recursive: true, filter });
  mkdirSync(join(portalFolder, agentPath));
  for (const { file } of archives) cpSync(file, join(portalFolder, agentPath, basename(file)));
};

const buildArchives = async ({ vmPools }: Settings): Promise<Map<Architecture, AgentArchive>> => {
  const architectures = [...new Set(vmPools.map(({ architecture }) => architecture))];
  const archives = new Map<Architecture, AgentArchive>();
  for (const architecture of architectures) archives.set(architecture, await buildAgentArchive(architecture));
  return archives;
};

const agentImage: Artifacts['agentImage'] = (scope, architecture) =>
  new DockerImageAsset(scope, 'AgentImage', {
    directory: agentImageFolder,
    file: agentDockerfile,
    platform: architecture === 'arm64' ? Platform.LINUX_ARM64 : Platform.LINUX_AMD64,
  }).imageUri;

/** Builds everything that a deployment uploads. Images are staged only: `cdk deploy` builds them with Docker. */
export const buildArtifacts = async (settings: Settings): Promise<Artifacts> => {
  await bundleEntries(functionsFolder);
  await stageGatewayImage(gatewayFolder);
  stageAgentImage(agentImageFolder);
  const archives = await buildArchives(settings);
  await stagePortal(archives.values());
  const { portal, gateway } = addressesOf(settings);
  return {
    code: (entry) => Code.fromAsset(join(functionsFolder, entry), { exclude: ['*.map'] }),
    gatewayImage: () => ContainerImage.fromAsset(gatewayFolder, { platform: Platform.LINUX_ARM64 }),
    agentImage,
    vmUserData: (architecture) => {
      const archive = archives.get(architecture);
      if (archive === undefined) throw new Error(`no agent was built for ${architecture}`);
      const url = `https://${portal}/${agentPath}/${basename(archive.file)}`;
      return userData({ gatewayUrl: `https://${gateway}`, agent: { url, sha256: archive.sha256 } });
    },
    portalFolder,
  };
};

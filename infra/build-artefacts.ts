import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { type AgentArchive, type Architecture, buildAgentArchive } from './agent-archive.ts';
import { bundleEntries } from './bundle.ts';
import { buildFolder, loadByPath, root } from './by-path.ts';
import type { EntryName } from './entries.ts';
import { type Artefacts, addressesOf } from './installation.ts';
import type { Settings } from './settings.ts';

const bundleFolder = (entry: EntryName): string => join(buildFolder, 'functions', entry);
const gatewayFolder = join(buildFolder, 'gateway');
const agentImageFolder = join(buildFolder, 'agent-image');
const portalFolder = join(buildFolder, 'portal');
/** Below the portal's own address, where machines get it before they have any right. */
const agentPath = 'agent';

const buildGateway = async (): Promise<void> => {
  const { bundleGateway } = await loadByPath<typeof import('../gateway/bundle.ts')>('gateway/bundle.ts');
  await bundleGateway(join(gatewayFolder, 'gateway.cjs'));
  cpSync(join(root, 'gateway', 'Dockerfile'), join(gatewayFolder, 'Dockerfile'));
};

const buildPortal = async (archives: Iterable<AgentArchive>): Promise<void> => {
  const portal = await loadByPath<typeof import('../local/portal.ts')>('local/portal.ts');
  await portal.buildPortal();
  rmSync(portalFolder, { recursive: true, force: true });
  cpSync(join(root, 'web', 'dist'), portalFolder, { recursive: true });
  mkdirSync(join(portalFolder, agentPath));
  for (const { file } of archives) cpSync(file, join(portalFolder, agentPath, basename(file)));
};

const buildArchives = async ({ vmPools }: Settings): Promise<Map<Architecture, AgentArchive>> => {
  const architectures = [...new Set(vmPools.map(({ architecture }) => architecture))];
  const archives = new Map<Architecture, AgentArchive>();
  for (const architecture of architectures) archives.set(architecture, await buildAgentArchive(architecture));
  return archives;
};

const dockerfile = 'agent/image/Dockerfile';

/** What the Dockerfile copies, and nothing else of the repository: all of it would be hashed. */
const stageAgentImage = (): void => {
  rmSync(agentImageFolder, { recursive: true, force: true });
  const copies = readFileSync(join(root, dockerfile), 'utf8').matchAll(/^COPY (?!--)(.+) \S+$/gm);
  for (const part of [...copies].flatMap(([, parts = '']) => parts.split(' '))) {
    const filter = (file: string) => !file.endsWith('.test.ts');
    cpSync(join(root, part), join(agentImageFolder, part), { recursive: true, filter });
  }
};

const agentImage: Artefacts['agentImage'] = (scope, architecture) =>
  new DockerImageAsset(scope, 'AgentImage', {
    directory: agentImageFolder,
    file: dockerfile,
    platform: architecture === 'arm64' ? Platform.LINUX_ARM64 : Platform.LINUX_AMD64,
  }).imageUri;

/** Builds all that a deployment carries. Images are only described: Docker is asked for when they are deployed. */
export const buildArtefacts = async (settings: Settings): Promise<Artefacts> => {
  await bundleEntries(join(buildFolder, 'functions'));
  await buildGateway();
  stageAgentImage();
  const archives = await buildArchives(settings);
  await buildPortal(archives.values());
  const { userData } = await loadByPath<typeof import('../compute/ec2/user-data.ts')>('compute/ec2/user-data.ts');
  const { portal, gateway } = addressesOf(settings);
  return {
    code: (entry) => Code.fromAsset(bundleFolder(entry), { exclude: ['*.map'] }),
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

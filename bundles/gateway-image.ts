import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { bundleGateway } from '../gateway/bundle.ts';
import { root } from './paths.ts';

/** Writes the build context of the gateway's image: the bundle and the Dockerfile. */
export const stageGatewayImage = async (folder: string): Promise<void> => {
  await bundleGateway(join(folder, 'gateway.cjs'));
  cpSync(join(root, 'gateway', 'Dockerfile'), join(folder, 'Dockerfile'));
};

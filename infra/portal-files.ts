import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import type { Construct } from 'constructs';
import { portalAssets, portalCaching } from '../contracts/portal-headers.ts';

/**
 * Puts the built portal into its bucket when it is deployed: what pages name first, then the pages. Files of the version
 * before stay, for the tabs that are open.
 */
export const publishFolder = (scope: Construct, bucket: Bucket, folder: string): void => {
  const within = `${portalAssets.slice(1)}*`;
  const source = Source.asset(folder);
  const publish = (id: string, chosen: { include?: string[]; exclude: string[] }, caching: string) =>
    new BucketDeployment(scope, id, {
      sources: [source],
      destinationBucket: bucket as IBucket,
      prune: false,
      // The folder is about 2 MB.
      memoryLimit: 512,
      cacheControl: [CacheControl.fromString(caching)],
      ...chosen,
    });
  const assets = publish('Assets', { exclude: ['*'], include: [within] }, portalCaching.assets);
  const pages = publish('PublishPages', { exclude: [within] }, portalCaching.pages);
  pages.node.addDependency(assets);
};

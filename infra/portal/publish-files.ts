import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import type { Construct } from 'constructs';
import { portalAssets, portalCaching } from '../../contracts/portal-headers.ts';

/**
 * Uploads the built portal during a deployment: first the assets, then the pages that refer to them. Files of the
 * previous version remain for open tabs.
 */
export const publishPortal = (scope: Construct, bucket: Bucket, folder: string): void => {
  const within = `${portalAssets.slice(1)}*`;
  const source = Source.asset(folder);
  const publish = (id: string, chosen: { include?: string[]; exclude: string[] }, caching: string) =>
    new BucketDeployment(scope, id, {
      sources: [source],
      destinationBucket: bucket as IBucket,
      prune: false,
      // MB; the folder is about 2 MB.
      memoryLimit: 512,
      cacheControl: [CacheControl.fromString(caching)],
      ...chosen,
    });
  const assets = publish('Assets', { exclude: ['*'], include: [within] }, portalCaching.assets);
  const pages = publish('PublishPages', { exclude: [within] }, portalCaching.pages);
  pages.node.addDependency(assets);
};

import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HttpVersion,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  OriginSslPolicy,
  ResponseHeadersPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { portalHeaders } from '../../contracts/portal-headers.ts';
import { logDistribution, trafficLogBucket } from '../network/traffic-logs.ts';
import { type Addresses, portalAddressesOf } from '../settings/installation.ts';
import type { Settings } from '../settings/settings.ts';
import { publishPortal } from './publish-files.ts';

export interface PortalProps {
  settings: Settings;
  addresses: Addresses;
  /** The folder with the built portal. */
  folder: string;
  certificate: ICertificate;
}

/** HSTS for a year. It includes subdomains, which are Berth's own and use HTTPS. */
const transport = { accessControlMaxAge: Duration.days(365), includeSubdomains: true, override: true };

/** The portal is a single-page app: every path without a file extension gets index.html. */
const rewriteToIndex = `function handler(event) {
  var request = event.request;
  if (!/\\.[a-z0-9]+$/.test(request.uri)) request.uri = '/index.html';
  return request;
}`;

/** The portal, with the API and the gateway's sessions behind the same origin, so that the portal needs no CORS. */
export class Portal extends Construct {
  readonly distribution: Distribution;

  constructor(scope: Construct, id: string, { settings, addresses, folder, certificate }: PortalProps) {
    super(scope, id);
    const bucket = new Bucket(this, 'Files', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      // A customer key would need a policy for CloudFront, and these files are public.
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.distribution = new Distribution(this, 'Distribution', {
      comment: 'Berth',
      domainNames: [addresses.portal],
      certificate,
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
      httpVersion: HttpVersion.HTTP2_AND_3,
      defaultRootObject: 'index.html',
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(bucket as IBucket),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        responseHeadersPolicy: this.#headers(addresses),
        functionAssociations: [{ eventType: FunctionEventType.VIEWER_REQUEST, function: this.#pages() }],
      },
      additionalBehaviors: {
        '/api/*': proxyTo(addresses.api),
        // Terminals; CloudFront supports WebSockets.
        '/gateway/*': proxyTo(addresses.gateway),
      },
    });
    publishPortal(this, bucket, folder);
    const { distributionArn } = this.distribution;
    logDistribution(this, settings.name, distributionArn, trafficLogBucket(this, settings));
  }

  #headers(addresses: Addresses): ResponseHeadersPolicy {
    const headers = portalHeaders(portalAddressesOf(addresses));
    // The values of contracts/portal-headers.ts, which the local server sends too.
    const security = {
      contentSecurityPolicy: { contentSecurityPolicy: headers['content-security-policy'], override: true },
      contentTypeOptions: { override: true },
      referrerPolicy: { referrerPolicy: headers['referrer-policy'] as never, override: true },
      strictTransportSecurity: transport,
    };
    return new ResponseHeadersPolicy(this, 'Headers', { securityHeadersBehavior: security });
  }

  #pages(): EdgeFunction {
    return new EdgeFunction(this, 'Pages', {
      code: FunctionCode.fromInline(rewriteToIndex),
      runtime: FunctionRuntime.JS_2_0,
      comment: 'Every page of the portal is index.html',
    });
  }
}

/** Forwards requests unchanged except for the Host header to another of Berth's hosts, without caching. */
const proxyTo = (host: string): BehaviorOptions => ({
  origin: new HttpOrigin(host, {
    protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
    originSslProtocols: [OriginSslPolicy.TLS_V1_2],
    readTimeout: Duration.seconds(30),
  }),
  viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
  allowedMethods: AllowedMethods.ALLOW_ALL,
  cachePolicy: CachePolicy.CACHING_DISABLED,
  originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
});

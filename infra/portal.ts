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
import { portalHeaders } from '../contracts/portal-headers.ts';
import { type Addresses, portalPlaceOf } from './installation.ts';
import { publishFolder } from './portal-files.ts';

export interface PortalProps {
  addresses: Addresses;
  /** The built portal. */
  folder: string;
  certificate: ICertificate;
}

/** Long enough that a browser asks for https by itself; subdomains are Berth's own and https too. */
const transport = { accessControlMaxAge: Duration.days(365), includeSubdomains: true, override: true };

/** A page of the portal is no file: whatever has no extension is the one page there is. */
const pagesAreOne = `function handler(event) {
  var request = event.request;
  if (!/\\.[a-z0-9]+$/.test(request.uri)) request.uri = '/index.html';
  return request;
}`;

/** The portal, and behind the same origin the API and the gateway's sessions: no request of it crosses origins. */
export class Portal extends Construct {
  readonly distribution: Distribution;

  constructor(scope: Construct, id: string, { addresses, folder, certificate }: PortalProps) {
    super(scope, id);
    const bucket = new Bucket(this, 'Files', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      // CloudFront reads with a key of its own only through a key policy that names it; what is here is public anyway.
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
        '/api/*': passedOn(addresses.api),
        // Terminals: CloudFront passes WebSockets on as they are.
        '/gateway/*': passedOn(addresses.gateway),
      },
    });
    publishFolder(this, bucket, folder);
  }

  #headers(addresses: Addresses): ResponseHeadersPolicy {
    const headers = portalHeaders(portalPlaceOf(addresses));
    // Written as they are, so that they are the very same as those of the local server.
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
      code: FunctionCode.fromInline(pagesAreOne),
      runtime: FunctionRuntime.JS_2_0,
      comment: 'Every page of the portal is index.html',
    });
  }
}

/** To another of Berth's hosts, with everything of the request but the host, and nothing kept. */
const passedOn = (host: string): BehaviorOptions => ({
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

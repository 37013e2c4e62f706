import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  type CfnStage,
  CorsHttpMethod,
  DomainName,
  EndpointType,
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type Route, type RouteName, routes } from '../contracts/routes.ts';
import { type Area, areaOf } from './api-areas.ts';
import { BerthFunction } from './function.ts';
import type { Installation } from './installation.ts';
import type { KeptStack } from './kept-stack.ts';
import { grantSeal } from './sealing.ts';
import { limitsText } from './settings.ts';

export interface ApiProps {
  installation: Installation;
  kept: KeptStack;
  certificate: ICertificate;
}

/** Requests a second and at once. 10,000 people with a portal in sight look 1,000 times a second, and act a few times. */
const throttles = {
  public: { throttlingRateLimit: 50, throttlingBurstLimit: 100 },
  GET: { throttlingRateLimit: 1_000, throttlingBurstLimit: 2_000 },
  POST: { throttlingRateLimit: 50, throttlingBurstLimit: 200 },
  PUT: { throttlingRateLimit: 20, throttlingBurstLimit: 100 },
  DELETE: { throttlingRateLimit: 20, throttlingBurstLimit: 100 },
};
const throttleOf = ({ method, access }: Route) => throttles[access === 'public' ? 'public' : method];

/** What is logged of a request: never its query, body or headers, which may hold what a person keeps to themselves. */
const accessLogFormat = {
  requestId: '$context.requestId',
  at: '$context.requestTimeEpoch',
  ip: '$context.identity.sourceIp',
  route: '$context.routeKey',
  path: '$context.path',
  status: '$context.status',
  bytes: '$context.responseLength',
  ms: '$context.responseLatency',
  fault: '$context.integrationErrorMessage',
};

/** The HTTP API: each route of the route table at the Lambda of its area. */
export class Api extends Construct {
  readonly http: HttpApi;
  readonly domainName: DomainName;
  readonly functions: Record<Area, BerthFunction>;

  constructor(scope: Construct, id: string, { installation, kept, certificate }: ApiProps) {
    super(scope, id);
    const { addresses } = installation;
    this.functions = this.#functions(installation, kept);
    this.http = new HttpApi(this, 'Http', {
      description: 'Berth',
      // Only the name below is answered: it has our certificate and TLS policy.
      disableExecuteApiEndpoint: true,
      createDefaultStage: false,
      corsPreflight: {
        allowOrigins: [`https://${addresses.portal}`],
        allowMethods: [CorsHttpMethod.GET, CorsHttpMethod.POST, CorsHttpMethod.PUT, CorsHttpMethod.DELETE],
        allowHeaders: ['authorization', 'content-type', 'idempotency-key'],
        maxAge: Duration.hours(1),
      },
    });
    const made = this.#routes();
    this.domainName = new DomainName(this, 'Domain', {
      domainName: addresses.api,
      certificate,
      endpointType: EndpointType.REGIONAL,
      securityPolicy: SecurityPolicy.TLS_1_2,
    });
    const stage = new HttpStage(this, 'Stage', {
      httpApi: this.http,
      autoDeploy: true,
      domainMapping: { domainName: this.domainName },
      throttle: { rateLimit: 2_000, burstLimit: 4_000 },
    });
    this.#limitAndLog(stage, made, kept, installation);
  }

  #functions(installation: Installation, kept: KeptStack): Record<Area, BerthFunction> {
    const { addresses, settings } = installation;
    const make = (area: Area, description: string) => {
      const api = new BerthFunction(this, area, {
        installation,
        key: kept.key,
        entry: `api-${area}`,
        description,
        // A third of a CPU: a request takes a few table reads, and a cold start most of its time in TLS handshakes.
        memory: 512,
        // Far above any request; the HTTP API itself gives up after 30 s.
        timeout: Duration.seconds(29),
        // No reserved concurrency: throttles above bound it, and reserving would take it from steps and streams for good.
      });
      api.tell('BERTH_APP_DOMAIN', addresses.apps);
      kept.signIn.tell(api);
      return api;
    };
    const signedIn = (area: Area, description: string) => {
      const api = make(area, description);
      kept.table.grantReadWrite(api);
      api.tell('BERTH_ROLE_GROUPS', JSON.stringify(settings.roles));
      api.tell('BERTH_LIMITS', limitsText(settings));
      return api;
    };
    const sealing = (area: Area, description: string) => {
      const api = signedIn(area, description);
      grantSeal(api, kept);
      return api;
    };
    return {
      system: make('system', 'API: health, how to sign in, and what is no route'),
      people: sealing('people', 'API: people, their tokens and git keys'),
      templates: signedIn('templates', 'API: templates'),
      'template-files': signedIn('template-files', 'API: templates’ files, held against the kinds of compute'),
      workspaces: sealing('workspaces', 'API: workspaces, builds, tickets'),
    };
  }

  #routes(): { key: string; route: Route; construct: HttpRoute }[] {
    const integrations = Object.fromEntries(
      Object.entries(this.functions).map(([area, { lambda }]) => [
        area,
        new HttpLambdaIntegration(area, lambda, { scopePermissionToRoute: false }),
      ]),
    ) as Record<Area, HttpLambdaIntegration>;
    const made = (Object.entries(routes) as [RouteName, Route][]).map(([name, route]) => ({
      key: `${route.method} ${route.path}`,
      route,
      construct: new HttpRoute(this, name, {
        httpApi: this.http,
        routeKey: HttpRouteKey.with(route.path, HttpMethod[route.method]),
        integration: integrations[areaOf[name]],
      }),
    }));
    // Whatever is no route is refused in the words of the API, 405 with its methods included.
    new HttpRoute(this, 'noRoute', {
      httpApi: this.http,
      routeKey: HttpRouteKey.DEFAULT,
      integration: integrations.system,
    });
    return made;
  }

  #limitAndLog(
    stage: HttpStage,
    made: { key: string; route: Route; construct: HttpRoute }[],
    kept: KeptStack,
    { settings }: Installation,
  ): void {
    const logs = new LogGroup(this, 'AccessLogs', {
      encryptionKey: kept.key,
      retention: settings.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const cfnStage = stage.node.defaultChild as CfnStage;
    cfnStage.accessLogSettings = { destinationArn: logs.logGroupArn, format: JSON.stringify(accessLogFormat) };
    cfnStage.routeSettings = Object.fromEntries(
      made.map(({ key, route }) => [key, pascal({ ...throttleOf(route), detailedMetricsEnabled: false })]),
    );
    // A stage that limits a route which is not there yet is refused.
    for (const { construct } of made) stage.node.addDependency(construct);
  }
}

/** Route settings are a map of the service's own spelling. */
const pascal = (settings: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name.charAt(0).toUpperCase() + name.slice(1), value]),
  );

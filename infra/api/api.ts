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
import type { Route } from '../../contracts/routes/route.ts';
import { type RouteName, routes } from '../../contracts/routes/routes.ts';
import { BerthFunction } from '../functions/berth-function.ts';
import { reserved } from '../functions/concurrency.ts';
import type { Installation } from '../settings/installation.ts';
import { limitsText } from '../settings/settings.ts';
import { grantSeal } from '../stateful/sealing.ts';
import type { StatefulStack } from '../stateful/stateful-stack.ts';
import { type Area, areaOf } from './areas.ts';

export interface ApiProps {
  installation: Installation;
  stateful: StatefulStack;
  certificate: ICertificate;
}

/** Rate and burst limits. 10,000 people with a visible portal send 1,000 polls per second, and few other requests. */
const throttles = {
  public: { throttlingRateLimit: 50, throttlingBurstLimit: 100 },
  GET: { throttlingRateLimit: 1_000, throttlingBurstLimit: 2_000 },
  POST: { throttlingRateLimit: 50, throttlingBurstLimit: 200 },
  PUT: { throttlingRateLimit: 20, throttlingBurstLimit: 100 },
  DELETE: { throttlingRateLimit: 20, throttlingBurstLimit: 100 },
};
const throttleOf = ({ method, access }: Route) => throttles[access === 'public' ? 'public' : method];

/** The access log. It omits queries, bodies and headers, which may contain private data. */
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

/** The HTTP API, with each route of contracts/routes integrated with the function of its area. */
export class Api extends Construct {
  readonly http: HttpApi;
  readonly domainName: DomainName;
  readonly functions: Record<Area, BerthFunction>;

  constructor(scope: Construct, id: string, { installation, stateful, certificate }: ApiProps) {
    super(scope, id);
    const { addresses } = installation;
    this.functions = this.#functions(installation, stateful);
    this.http = new HttpApi(this, 'Http', {
      description: 'Berth',
      // Requests are served only at the custom domain, which has our certificate and TLS policy.
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
    this.#limitAndLog(stage, made, stateful, installation);
  }

  #functions(installation: Installation, stateful: StatefulStack): Record<Area, BerthFunction> {
    const { addresses, settings } = installation;
    const make = (area: Area, description: string) => {
      const api = new BerthFunction(this, area, {
        installation,
        key: stateful.key,
        entry: `api-${area}`,
        description,
        // A third of a CPU: a request waits for a few table reads, and a cold start mostly for TLS handshakes.
        memory: 512,
        // Much longer than any request takes; the HTTP API times out after 30 s.
        timeout: Duration.seconds(29),
        atMost: reserved[`api-${area}`],
      });
      api.addEnvironment('BERTH_APP_DOMAIN', addresses.apps);
      stateful.signIn.addIssuerTo(api);
      if (area === 'system' && settings.support !== undefined)
        api.addEnvironment('BERTH_SUPPORT_URL', settings.support);
      return api;
    };
    const signedIn = (area: Area, description: string) => {
      const api = make(area, description);
      stateful.table.grantReadWrite(api);
      api.addEnvironment('BERTH_ROLE_GROUPS', JSON.stringify(settings.roles));
      api.addEnvironment('BERTH_LIMITS', limitsText(settings));
      return api;
    };
    const sealing = (area: Area, description: string) => {
      const api = signedIn(area, description);
      grantSeal(api, stateful);
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
    // Other paths and methods get the API's own errors, such as 405 with the allowed methods.
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
    stateful: StatefulStack,
    { settings }: Installation,
  ): void {
    const logs = new LogGroup(this, 'AccessLogs', {
      logGroupName: `/aws/apigateway/${settings.name}`,
      encryptionKey: stateful.key,
      retention: settings.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const cfnStage = stage.node.defaultChild as CfnStage;
    cfnStage.accessLogSettings = { destinationArn: logs.logGroupArn, format: JSON.stringify(accessLogFormat) };
    cfnStage.routeSettings = Object.fromEntries(
      made.map(({ key, route }) => [key, pascal({ ...throttleOf(route), detailedMetricsEnabled: false })]),
    );
    // API Gateway refuses a stage with limits for a route that does not exist yet.
    for (const { construct } of made) stage.node.addDependency(construct);
  }
}

/** The keys of route settings are capitalized as CloudFormation requires. */
const pascal = (settings: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name.charAt(0).toUpperCase() + name.slice(1), value]),
  );

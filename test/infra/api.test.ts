import { describe, expect, test } from 'vitest';
import { routes } from '../../contracts/routes/routes.ts';
import { all, anything, only } from './example.ts';

describe('the API', () => {
  const stage = only('AWS::ApiGatewayV2::Stage').Properties;

  test('has every route of the contracts, each with its rate limit', () => {
    const wanted = Object.values(routes).map(({ method, path }) => `${method} ${path}`);
    const keys = all('AWS::ApiGatewayV2::Route').map(([, { RouteKey }]) => RouteKey);
    expect(keys.sort()).toEqual([...wanted, '$default'].sort());
    const limits = stage['RouteSettings'] as Record<
      string,
      { ThrottlingRateLimit: number; ThrottlingBurstLimit: number }
    >;
    expect(Object.keys(limits).sort()).toEqual(wanted.sort());
    for (const limit of Object.values(limits)) expect(limit.ThrottlingRateLimit).toBeGreaterThan(0);
  });

  test('allows only the portal’s origin, at its own host', () => {
    expect(only('AWS::ApiGatewayV2::Api').Properties).toMatchObject({
      DisableExecuteApiEndpoint: true,
      CorsConfiguration: { AllowOrigins: ['https://berth.example.com'] },
    });
  });

  test('logs neither queries nor credentials', () => {
    const { Format } = stage['AccessLogSettings'] as { Format: string };
    expect(Format).not.toMatch(/authori[sz]|query|header|\$context\.path\b.*\?|requestOverride/i);
    expect(Object.keys(JSON.parse(Format) as object)).toContain('requestId');
  });
});

test('the portal is behind one origin with the API and the gateway, with strict headers', () => {
  const { DistributionConfig } = only('AWS::CloudFront::Distribution').Properties as {
    DistributionConfig: { CacheBehaviors: { PathPattern: string }[]; Aliases: string[] };
  };
  expect(DistributionConfig.Aliases).toEqual(['berth.example.com']);
  expect(DistributionConfig.CacheBehaviors.map(({ PathPattern }) => PathPattern)).toEqual(['/api/*', '/gateway/*']);
  const { ResponseHeadersPolicyConfig } = only('AWS::CloudFront::ResponseHeadersPolicy').Properties as {
    ResponseHeadersPolicyConfig: { SecurityHeadersConfig: Record<string, Record<string, unknown>> };
  };
  const { ContentSecurityPolicy, StrictTransportSecurity } = ResponseHeadersPolicyConfig.SecurityHeadersConfig;
  expect(ContentSecurityPolicy?.['ContentSecurityPolicy']).toMatch(/^default-src 'none'; script-src 'self';/);
  expect(StrictTransportSecurity).toMatchObject({ AccessControlMaxAgeSec: 31_536_000 });
});

test('the portal’s requests are logged without fields that could contain credentials', () => {
  const { RecordFields, DeliverySourceName } = only('AWS::Logs::Delivery').Properties;
  expect(RecordFields).toEqual(expect.arrayContaining(['c-ip', 'cs-uri-stem', 'sc-status']));
  expect(String(RecordFields)).not.toMatch(/query|cookie|referer/i);
  expect(only('AWS::Logs::DeliverySource').Properties).toMatchObject({
    Name: DeliverySourceName,
    LogType: 'ACCESS_LOGS',
    ResourceArn: anything,
  });
});

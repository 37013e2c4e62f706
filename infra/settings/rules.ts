import * as z from 'zod';

/** What is wrong with one setting. */
export interface SettingProblem {
  path: string[];
  message: string;
}
export type UncheckedSettings = Record<string, unknown>;

const isObject = (value: unknown): value is UncheckedSettings => typeof value === 'object' && value !== null;

export const valueAt = (value: unknown, ...path: string[]): unknown =>
  path.reduce((inner, name) => (isObject(inner) ? inner[name] : undefined), value);

export const textAt = (value: unknown, ...path: string[]): string | undefined => {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : undefined;
};

const regionOf = (arn: string): string | undefined => arn.split(':')[3];

/**
 * A rule about several settings. It runs even if single settings are invalid, so that a person sees every problem at
 * once; hence it is given settings whose types were not checked.
 */
export const rule = (problemsIn: (settings: UncheckedSettings) => SettingProblem[]) =>
  z.superRefine<unknown>(
    (settings, context) => {
      for (const { path, message } of problemsIn(settings as UncheckedSettings)) {
        context.addIssue({ code: 'custom', path, message });
      }
    },
    { when: ({ value }) => isObject(value) },
  );

export const exactlyOneOf = (...names: [string, string]) =>
  rule((settings) => {
    const given = names.filter((name) => settings[name] !== undefined);
    return given.length === 1 ? [] : [{ path: [], message: `give exactly one of ${names.join(' and ')}` }];
  });

/** ACM validates certificates with records in the hosted zone, so every name must be in that zone. */
export const isWithinZone = rule((domain) => {
  const zone = textAt(domain, 'hostedZone', 'name');
  if (zone === undefined) return [];
  return ['name', 'apps'].flatMap((path) => {
    const name = textAt(domain, path);
    const isWithin = name === undefined || name === zone || name.endsWith(`.${zone}`);
    return isWithin ? [] : [{ path: [path], message: `is not in the zone ${zone}` }];
  });
});

/**
 * If the portal were below the domain of apps, its host would be routed to an app, and an app could set cookies for it.
 */
export const appsDomainIsApart = rule((domain) => {
  const [name, apps] = [textAt(domain, 'name'), textAt(domain, 'apps')];
  if (name === undefined || apps === undefined || (apps !== name && !name.endsWith(`.${apps}`))) return [];
  return [
    { path: ['apps'], message: `must not be ${name} or a parent of it: Berth's own hosts would be taken for apps` },
  ];
});

const regionalSettings: { path: string[]; reason: string }[] = [
  {
    path: ['domain', 'certificates', 'regional'],
    reason: 'The load balancer and the API need a certificate in their region',
  },
  { path: ['encryptionKey'], reason: 'A key can be used only in its region' },
  { path: ['alarms', 'topic'], reason: 'Alarms can notify only a topic in their region' },
  { path: ['restoredTable', 'streamArn'], reason: 'The functions can read only a table in their region' },
  { path: ['signIn', 'oidc', 'clientSecret'], reason: 'The user pool can read only a secret in its region' },
];

/**
 * Resources belong into the installation's region, except for the portal's certificate: CloudFront needs it in
 * us-east-1.
 */
export const isInRegion = rule((settings) => {
  const region = textAt(settings, 'region');
  if (region === undefined) return [];
  const outside = regionalSettings.filter(({ path }) => {
    const value = textAt(settings, ...path);
    return value?.startsWith('arn:') === true && regionOf(value) !== region;
  });
  const path = ['domain', 'certificates', 'portal'];
  const portal = textAt(settings, ...path);
  return [
    ...outside.map(({ path, reason }) => ({ path, message: `is not in ${region}. ${reason}` })),
    ...(portal === undefined || regionOf(portal) === 'us-east-1'
      ? []
      : [{ path, message: 'is not in us-east-1. CloudFront needs a certificate in that region' }]),
    ...zonesOutside(settings, 'new', region),
    ...zonesOutside(settings, 'existing', region),
  ];
});

const zonesOutside = (settings: UncheckedSettings, kind: 'new' | 'existing', region: string): SettingProblem[] => {
  const zones = valueAt(settings, 'network', kind, 'zones');
  if (!Array.isArray(zones)) return [];
  return zones
    .filter((zone) => typeof zone === 'string' && !zone.startsWith(region))
    .map((zone) => ({ path: ['network', kind, 'zones'], message: `${zone} is not a zone of ${region}` }));
};

export const hasCompute = rule((settings) => {
  const pools = settings['vmPools'];
  if (settings['kubernetes'] !== undefined || (Array.isArray(pools) && pools.length > 0)) return [];
  return [{ path: [], message: 'give kubernetes or vmPools: without either, no workspace can run' }];
});

/** A VM's agent authenticates with its instance identity document and nothing else. */
export const vmsHaveIdentityCertificates = rule((settings) => {
  const length = (name: string) => (Array.isArray(settings[name]) ? settings[name].length : 0);
  if (length('vmPools') === 0 || length('vmIdentityCertificates') > 0) return [];
  const message = 'is required with vmPools: without it, no agent of a VM can authenticate';
  return [{ path: ['vmIdentityCertificates'], message }];
});

/** The stream of another table would start workflows for workspaces that this table does not have. */
export const streamMatchesTable = rule((settings) => {
  const restored = settings['restoredTable'];
  const [name, stream] = [textAt(restored, 'name'), textAt(restored, 'streamArn')];
  if (name === undefined || stream === undefined || stream.includes(`:table/${name}/stream/`)) return [];
  return [{ path: ['restoredTable', 'streamArn'], message: `is not the stream of the table ${name}` }];
});

/** Pool names are unique, and a pool never needs more spares than its cap. */
export const poolsAreValid = rule((settings) => {
  const pools = Array.isArray(settings['vmPools']) ? settings['vmPools'] : [];
  const names = pools.map((pool) => textAt(pool, 'name'));
  return pools.flatMap((pool, index) => {
    const path = ['vmPools', String(index)];
    const isDuplicate = names.indexOf(names[index]) !== index;
    const spares = mostSpares(valueAt(pool, 'spares'));
    return [
      ...(isDuplicate ? [{ path: [...path, 'name'], message: 'is the name of another pool' }] : []),
      ...(spares > Number(valueAt(pool, 'cap'))
        ? [{ path: [...path, 'cap'], message: `is less than the ${spares} spares of the pool` }]
        : []),
    ];
  });
});

const mostSpares = (spares: unknown): number => {
  const hours = valueAt(spares, 'hours');
  const usual = Number(valueAt(spares, 'stopped') ?? 0);
  const sizes = [spares, ...(Array.isArray(hours) ? hours : [])];
  return Math.max(
    ...sizes.map((size) => Number(valueAt(size, 'running') ?? 0) + Number(valueAt(size, 'stopped') ?? usual)),
  );
};

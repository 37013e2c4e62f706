import * as z from 'zod';

export interface Broken {
  path: string[];
  message: string;
}
export type Unknown = Record<string, unknown>;

const isObject = (value: unknown): value is Unknown => typeof value === 'object' && value !== null;
export const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce((inner, name) => (isObject(inner) ? inner[name] : undefined), value);
export const textAt = (value: unknown, ...path: string[]): string | undefined => {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : undefined;
};

/**
 * Rules between settings. They are asked even when single settings are wrong, so that a person learns of every problem
 * at once; hence they look at values of which nothing is known yet.
 */
export const rule = (broken: (settings: Unknown) => Broken[]) =>
  z.superRefine<unknown>(
    (settings, context) => {
      for (const { path, message } of broken(settings as Unknown)) context.addIssue({ code: 'custom', path, message });
    },
    { when: ({ value }) => isObject(value) },
  );

/** Exactly one of two settings. */
export const only = (...names: [string, string]) =>
  rule((settings) => {
    const given = names.filter((name) => settings[name] !== undefined);
    return given.length === 1 ? [] : [{ path: [], message: `give exactly one of ${names.join(' and ')}` }];
  });

/** Names for which certificates are made must lie in the zone that proves them. */
export const belowZone = rule((domain) => {
  const zone = textAt(domain, 'hostedZone', 'name');
  if (zone === undefined) return [];
  return ['name', 'apps'].flatMap((path) => {
    const name = textAt(domain, path);
    const isBelow = name === undefined || name === zone || name.endsWith(`.${zone}`);
    return isBelow ? [] : [{ path: [path], message: `is not in the zone ${zone}` }];
  });
});

/** A name below the domain of apps would be taken for an app, and an app could set cookies for a portal above it. */
export const appsApart = rule((domain) => {
  const [name, apps] = [textAt(domain, 'name'), textAt(domain, 'apps')];
  if (name === undefined || apps === undefined || (apps !== name && !name.endsWith(`.${apps}`))) return [];
  return [{ path: ['apps'], message: `must not be ${name} or above it: then Berth's own names would be apps` }];
});

const regional: { path: string[]; what: string }[] = [
  {
    path: ['domain', 'certificates', 'regional'],
    what: 'The load balancer and the API take a certificate only from there',
  },
  { path: ['encryptionKey'], what: 'Keys stay in their region' },
  { path: ['alarms', 'topic'], what: 'Alarms reach a topic only there' },
  { path: ['restoredTable', 'streamArn'], what: 'The functions read a table only there' },
  { path: ['signIn', 'oidc', 'clientSecret'], what: 'The user pool reads a secret only there' },
];

/** What must lie in the installation's region does; what CloudFront takes lies in us-east-1. */
export const inRegion = rule((settings) => {
  const region = textAt(settings, 'region');
  if (region === undefined) return [];
  const regionOf = (arn: string) => arn.split(':')[3];
  const strays = regional.filter(({ path }) => {
    const value = textAt(settings, ...path);
    return value?.startsWith('arn:') === true && regionOf(value) !== region;
  });
  const portal = textAt(settings, 'domain', 'certificates', 'portal');
  const path = ['domain', 'certificates', 'portal'];
  return [
    ...strays.map(({ path, what }) => ({ path, message: `is not in ${region}. ${what}` })),
    ...(portal === undefined || regionOf(portal) === 'us-east-1'
      ? []
      : [{ path, message: 'is not in us-east-1, the only region whose certificates CloudFront takes' }]),
    ...straysOf(settings, 'new', region),
    ...straysOf(settings, 'existing', region),
  ];
});

const straysOf = (settings: Unknown, kind: string, region: string): Broken[] => {
  const zones = at(settings, 'network', kind, 'zones');
  if (!Array.isArray(zones)) return [];
  return zones
    .filter((zone) => typeof zone === 'string' && !zone.startsWith(region))
    .map((zone) => ({ path: ['network', kind, 'zones'], message: `${zone} is no zone of ${region}` }));
};

/** Without either, no workspace could run. */
export const someCompute = rule((settings) => {
  const pools = settings['vmPools'];
  if (settings['kubernetes'] !== undefined || (Array.isArray(pools) && pools.length > 0)) return [];
  return [{ path: [], message: 'give kubernetes or vmPools: without either no workspace can run' }];
});

/** A machine's agent signs on with what AWS signed for it, and with nothing else. */
export const knownMachines = rule((settings) => {
  const length = (name: string) => (Array.isArray(settings[name]) ? settings[name].length : 0);
  if (length('vmPools') === 0 || length('vmIdentityCertificates') > 0) return [];
  const message = 'is needed for vmPools: without it no agent of a VM is let in';
  return [{ path: ['vmIdentityCertificates'], message }];
});

/** A stream of another table would start workflows of what is not in this one. */
export const ownStream = rule((settings) => {
  const restored = settings['restoredTable'];
  const [name, stream] = [textAt(restored, 'name'), textAt(restored, 'streamArn')];
  if (name === undefined || stream === undefined || stream.includes(`:table/${name}/stream/`)) return [];
  return [{ path: ['restoredTable', 'streamArn'], message: `is not the stream of the table ${name}` }];
});

/** Pools are known by their names, and never hold more spares than they may have machines. */
export const soundPools = rule((settings) => {
  const pools = Array.isArray(settings['vmPools']) ? settings['vmPools'] : [];
  const names = pools.map((pool) => textAt(pool, 'name'));
  return pools.flatMap((pool, place) => {
    const path = ['vmPools', String(place)];
    const isTaken = names.indexOf(names[place]) !== place;
    const spares = mostSpares(at(pool, 'spares'));
    return [
      ...(isTaken ? [{ path: [...path, 'name'], message: 'is taken by another pool' }] : []),
      ...(spares > Number(at(pool, 'cap'))
        ? [{ path: [...path, 'cap'], message: `is below the ${spares} spares of the pool` }]
        : []),
    ];
  });
});

const mostSpares = (spares: unknown): number => {
  const hours = at(spares, 'hours');
  const usual = Number(at(spares, 'stopped') ?? 0);
  const sizes = [spares, ...(Array.isArray(hours) ? hours : [])];
  return Math.max(...sizes.map((size) => Number(at(size, 'running') ?? 0) + Number(at(size, 'stopped') ?? usual)));
};

import { rule, type SettingProblem, textAt, type UncheckedSettings, valueAt } from './rules.ts';

/** One of `gateway.regions`, whose values were not checked yet. */
interface RegionEntry {
  value: unknown;
  path: string[];
}

interface AddressRange {
  from: number;
  to: number;
  bits: number;
}

const rangeOf = (cidr: string | undefined): AddressRange | undefined => {
  const [, address = '', bits = ''] = /^(\d{1,3}(?:\.\d{1,3}){3})\/(\d{1,2})$/.exec(cidr ?? '') ?? [];
  if (address === '') return undefined;
  const size = 2 ** (32 - Number(bits));
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const from = Math.floor(number / size) * size;
  return { from, to: from + size - 1, bits: Number(bits) };
};

const overlap = (one: AddressRange | undefined, other: AddressRange | undefined): boolean =>
  one !== undefined && other !== undefined && one.from <= other.to && other.from <= one.to;

/** The default of `network.new.cidr`. */
const defaultCidr = '10.40.0.0/16';

const homeCidr = (settings: UncheckedSettings): string | undefined =>
  textAt(settings, 'network', 'existing', 'cidr') ?? textAt(settings, 'network', 'new', 'cidr') ?? defaultCidr;

const regionProblems = (
  settings: UncheckedSettings,
  { value, path }: RegionEntry,
  before: RegionEntry[],
): SettingProblem[] => {
  const region = textAt(value, 'region');
  if (region === undefined) return [];
  const zones = valueAt(value, 'network', 'zones');
  const outside = (Array.isArray(zones) ? zones : []).filter((zone) => !String(zone).startsWith(region));
  return [
    ...(region === textAt(settings, 'region')
      ? [
          {
            path: [...path, 'region'],
            message: 'is the installation’s own region; set gateway.replicas for the replicas there',
          },
        ]
      : []),
    ...(before.some((entry) => textAt(entry.value, 'region') === region)
      ? [{ path: [...path, 'region'], message: `repeats ${region}` }]
      : []),
    ...outside.map((zone) => ({ path: [...path, 'network', 'zones'], message: `${zone} is not a zone of ${region}` })),
  ];
};

/** Peered VPCs must not overlap, and Berth creates a subnet of 4,096 addresses in each zone. */
const rangeProblems = (
  settings: UncheckedSettings,
  { value, path }: RegionEntry,
  before: RegionEntry[],
): SettingProblem[] => {
  const cidrPath = [...path, 'network', 'cidr'];
  const cidr = textAt(value, 'network', 'cidr');
  const range = rangeOf(cidr);
  if (range === undefined) return [];
  const others = [
    { owner: 'the installation’s own network', cidr: homeCidr(settings) },
    ...before.map((entry) => ({
      owner: `the network of ${textAt(entry.value, 'region')}`,
      cidr: textAt(entry.value, 'network', 'cidr'),
    })),
  ];
  return [
    ...others
      .filter((other) => overlap(range, rangeOf(other.cidr)))
      .map((other) => ({
        path: cidrPath,
        message: `${cidr} overlaps with ${other.owner}, ${other.cidr}. Choose another range`,
      })),
    ...(range.bits < 16 || range.bits > 18
      ? [{ path: cidrPath, message: 'must be a range from /16 to /18: each zone gets a subnet of 4,096 addresses' }]
      : []),
  ];
};

const regionalResources = [
  {
    installationPath: ['domain', 'certificates'],
    name: 'certificate',
    reason: 'a load balancer needs a certificate in its own region',
  },
  {
    installationPath: ['alarms', 'topic'],
    name: 'alarmTopic',
    reason: 'alarms can notify only a topic in their own region',
  },
];

/** A company that brings its own certificates or alarm topic brings one for each region. */
const resourceProblems = (settings: UncheckedSettings, { value, path }: RegionEntry): SettingProblem[] =>
  regionalResources.flatMap(({ installationPath, name, reason }) => {
    const isNeeded = valueAt(settings, ...installationPath) !== undefined;
    const arn = textAt(value, name);
    const resourcePath = [...path, name];
    if (isNeeded && arn === undefined) {
      return [{ path: resourcePath, message: `is required with ${installationPath.join('.')}: ${reason}` }];
    }
    if (!isNeeded && arn !== undefined) {
      return [
        {
          path: resourcePath,
          message: `has no effect without ${installationPath.join('.')}: Berth creates one. Remove it`,
        },
      ];
    }
    const region = textAt(value, 'region');
    const isOutside = arn !== undefined && region !== undefined && arn.split(':')[3] !== region;
    return isOutside ? [{ path: resourcePath, message: `is not in ${region}: ${reason}` }] : [];
  });

/** Each further region is named once and has a network that can be peered with the others. */
export const furtherRegionsAreValid = rule((settings) => {
  const regions = valueAt(settings, 'gateway', 'regions');
  if (!Array.isArray(regions) || regions.length === 0) return [];
  const entries = regions.map((value, index): RegionEntry => ({ value, path: ['gateway', 'regions', String(index)] }));
  const existing = valueAt(settings, 'network', 'existing');
  const tables = valueAt(existing, 'routeTables');
  const path = ['network', 'existing', 'routeTables'];
  const message = 'is required with gateway.regions: the routes to the other regions are added to these tables';
  return [
    ...(existing !== undefined && !(Array.isArray(tables) && tables.length > 0) ? [{ path, message }] : []),
    ...entries.flatMap((entry, index) => {
      const before = entries.slice(0, index);
      return [
        ...regionProblems(settings, entry, before),
        ...rangeProblems(settings, entry, before),
        ...resourceProblems(settings, entry),
      ];
    }),
  ];
});

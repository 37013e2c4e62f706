import { at, type Broken, rule, textAt, type Unknown } from './settings-rules.ts';

/** A region beside the first, of which nothing is known yet but its place in the settings. */
interface Place {
  value: unknown;
  path: string[];
}

interface Range {
  from: number;
  to: number;
  bits: number;
}

const rangeOf = (cidr: string | undefined): Range | undefined => {
  const [, address = '', bits = ''] = /^(\d{1,3}(?:\.\d{1,3}){3})\/(\d{1,2})$/.exec(cidr ?? '') ?? [];
  if (address === '') return undefined;
  const size = 2 ** (32 - Number(bits));
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const from = Math.floor(number / size) * size;
  return { from, to: from + size - 1, bits: Number(bits) };
};

const overlap = (one: Range | undefined, other: Range | undefined): boolean =>
  one !== undefined && other !== undefined && one.from <= other.to && other.from <= one.to;

/** As infra/settings.ts has it for a VPC that is made. */
const usualCidr = '10.40.0.0/16';

const homeCidr = (settings: Unknown): string | undefined =>
  textAt(settings, 'network', 'existing', 'cidr') ?? textAt(settings, 'network', 'new', 'cidr') ?? usualCidr;

const brokenName = (settings: Unknown, { value, path }: Place, before: Place[]): Broken[] => {
  const region = textAt(value, 'region');
  if (region === undefined) return [];
  const zones = at(value, 'network', 'zones');
  const strays = (Array.isArray(zones) ? zones : []).filter((zone) => !String(zone).startsWith(region));
  return [
    ...(region === textAt(settings, 'region')
      ? [{ path: [...path, 'region'], message: 'is the installation’s own; its replicas are gateway.replicas' }]
      : []),
    ...(before.some((place) => textAt(place.value, 'region') === region)
      ? [{ path: [...path, 'region'], message: `names ${region} a second time` }]
      : []),
    ...strays.map((zone) => ({ path: [...path, 'network', 'zones'], message: `${zone} is no zone of ${region}` })),
  ];
};

/** Networks that are joined must not share addresses, and a subnet of 4,096 addresses stands in each zone. */
const brokenRange = (settings: Unknown, { value, path }: Place, before: Place[]): Broken[] => {
  const at = [...path, 'network', 'cidr'];
  const cidr = textAt(value, 'network', 'cidr');
  const range = rangeOf(cidr);
  if (range === undefined) return [];
  const others = [
    { what: 'the installation’s own network', cidr: homeCidr(settings) },
    ...before.map((place) => ({
      what: `that of ${textAt(place.value, 'region')}`,
      cidr: textAt(place.value, 'network', 'cidr'),
    })),
  ];
  return [
    ...others
      .filter((other) => overlap(range, rangeOf(other.cidr)))
      .map((other) => ({
        path: at,
        message: `${cidr} overlaps with ${other.what}, ${other.cidr}. Take another range`,
      })),
    ...(range.bits < 16 || range.bits > 18
      ? [{ path: at, message: 'must be a range from /16 to /18: a subnet of 4,096 addresses stands in each zone' }]
      : []),
  ];
};

const givenBeside = [
  { beside: ['domain', 'certificates'], name: 'certificate', why: 'a load balancer takes only one of its own region' },
  { beside: ['alarms', 'topic'], name: 'alarmTopic', why: 'alarms reach a topic only in their own region' },
];

/** What a company brings along, it brings along for each region. */
const brokenGiven = (settings: Unknown, { value, path }: Place): Broken[] =>
  givenBeside.flatMap(({ beside, name, why }) => {
    const isNeeded = at(settings, ...beside) !== undefined;
    const given = textAt(value, name);
    const place = [...path, name];
    if (isNeeded && given === undefined)
      return [{ path: place, message: `is needed with ${beside.join('.')}: ${why}` }];
    if (!isNeeded && given !== undefined) {
      return [{ path: place, message: `has no use without ${beside.join('.')}: one is made` }];
    }
    const region = textAt(value, 'region');
    const isStray = given !== undefined && region !== undefined && given.split(':')[3] !== region;
    return isStray ? [{ path: place, message: `is not in ${region}: ${why}` }] : [];
  });

/** Further regions of the gateway: each once, in networks that can be joined. */
export const soundRegions = rule((settings) => {
  const regions = at(settings, 'gateway', 'regions');
  if (!Array.isArray(regions) || regions.length === 0) return [];
  const places = regions.map((value, place): Place => ({ value, path: ['gateway', 'regions', String(place)] }));
  const existing = at(settings, 'network', 'existing');
  const tables = at(existing, 'routeTables');
  const path = ['network', 'existing', 'routeTables'];
  const message = 'is needed for gateway.regions: the ways to their networks are added to these tables';
  return [
    ...(existing !== undefined && !(Array.isArray(tables) && tables.length > 0) ? [{ path, message }] : []),
    ...places.flatMap((place, index) => {
      const before = places.slice(0, index);
      return [
        ...brokenName(settings, place, before),
        ...brokenRange(settings, place, before),
        ...brokenGiven(settings, place),
      ];
    }),
  ];
});

import { BlockList, isIPv6 } from 'node:net';

const partsOf = (cidr: string) => {
  const [address = '', length = ''] = cidr.split('/');
  return { address, length: Number(length), family: isIPv6(address) ? ('ipv6' as const) : ('ipv4' as const) };
};

/** Whether `outer` contains every address of `inner`. */
export const contains = (outer: string, inner: string): boolean => {
  const [of, part] = [partsOf(outer), partsOf(inner)];
  if (of.family !== part.family || part.length < of.length) return false;
  const block = new BlockList();
  block.addSubnet(of.address, of.length, of.family);
  return block.check(part.address, part.family);
};

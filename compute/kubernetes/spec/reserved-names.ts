/** Mount paths in the workspace's container that belong to the agent. */
export const reservedPaths = {
  agent: '/berth',
  token: '/var/run/berth',
  ca: '/var/run/berth-ca',
  run: '/var/run/berth-agent',
} as const;

/** Volumes that Berth adds to every pod for the agent. */
export const reservedVolumes = {
  agent: 'berth-agent',
  token: 'berth-token',
  ca: 'berth-ca',
  run: 'berth-run',
} as const;

const addedVolumes = new Set<string>([...Object.values(reservedVolumes), 'home']);
/**
 * Whether Berth itself adds the volume, so that a template may mount it without declaring it, and must not declare it.
 */
export const isAddedVolume = (name: string): boolean => addedVolumes.has(name);

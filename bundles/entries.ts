/** Every deployed function, bundled from its entry (`entryFile`). */
export const entryNames = [
  'api-system',
  'api-people',
  'api-templates',
  'api-template-files',
  'api-workspaces',
  'stream-workspaces',
  'stream-audit',
  'step-plan',
  'step-apply',
  'step-await-agent',
  'step-complete',
  'step-explain',
  'step-clean-up',
  'step-fail',
  'step-stop-compute',
  'step-destroy-compute',
  'schedule-stop',
  'schedule-autostart',
  'schedule-sweep',
  'schedule-pools',
  'sign-in-inbound-federation',
  'sign-in-pre-token',
] as const;
export type EntryName = (typeof entryNames)[number];

const areas = ['api', 'stream', 'step', 'schedule', 'sign-in'] as const;

/** The entry of a function: `functions/entries/api/people.ts` for `api-people`. */
export const entryFile = (name: EntryName): string => {
  const area = areas.find((one) => name.startsWith(`${one}-`));
  return `functions/entries/${area}/${name.slice(`${area}-`.length)}.ts`;
};

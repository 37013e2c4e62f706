/** Every deployed function: `functions/entries/<name>.ts`, bundled into one file with the handler `handler`. */
export const entryNames = [
  'api-system',
  'api-people',
  'api-templates',
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
  'sign-in-pre-token',
] as const;
export type EntryName = (typeof entryNames)[number];

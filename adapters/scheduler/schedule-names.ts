/**
 * Schedules share one group, so a prefix of the workspace's ID tells their purpose. Names have at most 64 characters.
 */
export const scheduleName = {
  stop: (workspaceId: string): string => `stop-${workspaceId}`,
  autostart: (workspaceId: string): string => `autostart-${workspaceId}`,
};

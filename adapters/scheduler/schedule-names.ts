/** Schedules share one group; what each is for stands before the workspace's id. Names have 64 characters at the most. */
export const scheduleName = {
  stop: (workspaceId: string): string => `stop-${workspaceId}`,
  autostart: (workspaceId: string): string => `autostart-${workspaceId}`,
};

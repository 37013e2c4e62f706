/** AWS's average month. */
export const hoursPerMonth = 730;

/** What a developer does. All numbers are assumptions, each with an option, for example `npm run cost -- --hours 6`. */
export interface Habits {
  workDays: number;
  /** Hours a day in which the developer's workspace runs. */
  hours: number;
  /** Of these, hours with activity. */
  activeHours: number;
  /** Starts (and as many stops) a day. */
  starts: number;
  /** Workspaces created (and as many deleted) a month. */
  creates: number;
  /** Minutes a day in which the portal is visible. */
  portalMinutes: number;
  /** Terminals, commands and apps opened a day. */
  connections: number;
  /** Minutes a day in which apps' pages send requests continuously. */
  appMinutes: number;
  /** Megabytes a day from workspace to developer: terminals, the IDE, pages of apps. */
  megabytes: number;
}

export const defaultHabits: Habits = {
  workDays: 21,
  hours: 8,
  activeHours: 4,
  starts: 1.2,
  creates: 1,
  portalMinutes: 15,
  connections: 10,
  appMinutes: 20,
  megabytes: 30,
};

/**
 * What one activity uses of AWS's services. `test/flows/api/cost-model.test.ts` compares it with the deployed handlers.
 */
interface ServiceUsage {
  /** Requests to the API. */
  api: number;
  /** Task states of workflows. */
  tasks: number;
  transitions: number;
  /** Transactions, each of which can invoke both consumers of the change stream. */
  transactions: number;
  /** Read request units: one per strongly consistent read of up to 4 KB. */
  reads: number;
  /** Write request units: one per KB, two in a transaction, and one more for each index. */
  writes: number;
  audits: number;
}

/**
 * Upper bounds, with the agent's events and the log of a usual startup script, but without requests of people who
 * watch.
 */
export const usagePerActivity = {
  create: { api: 1, tasks: 4, transitions: 5, transactions: 20, reads: 60, writes: 110, audits: 3 },
  start: { api: 1, tasks: 4, transitions: 5, transactions: 20, reads: 60, writes: 110, audits: 3 },
  stop: { api: 1, tasks: 2, transitions: 2, transactions: 8, reads: 24, writes: 45, audits: 3 },
  delete: { api: 1, tasks: 2, transitions: 2, transactions: 8, reads: 24, writes: 45, audits: 3 },
  /** A ticket is created and exchanged. */
  connect: { api: 1, tasks: 0, transitions: 0, transactions: 3, reads: 9, writes: 12, audits: 1 },
  /** The portal polls a workspace or a list. */
  poll: { api: 1, tasks: 0, transitions: 0, transactions: 0, reads: 4, writes: 0, audits: 0 },
  /** The gateway records the time of the last activity. */
  activity: { api: 0, tasks: 0, transitions: 0, transactions: 1, reads: 1, writes: 10, audits: 0 },
  /** The access to an app is checked once in 0.9 s while there are requests to it: up to 4,000 times an hour. */
  accessCheck: { api: 0, tasks: 0, transitions: 0, transactions: 0, reads: 4, writes: 0, audits: 0 },
  /** An hour with an open connection, whose access is checked again every ten seconds. */
  openHour: { api: 0, tasks: 0, transitions: 0, transactions: 0, reads: 1_080, writes: 0, audits: 0 },
} satisfies Record<string, ServiceUsage>;

export type BilledActivity = keyof typeof usagePerActivity;

/** The time of activity is recorded every five minutes, and again a minute after the last activity. */
const activityWritesPerHour = 20;
const accessChecksPerMinute = 60 / 0.9;
/** A visible portal polls every ten seconds, and twice a second during a build of half a minute. */
const pollsPerMinute = 6;
const pollsPerBuild = 2 * 30 * 2;

/** Returns how often each activity happens in a month. */
export const activitiesPerMonth = (developers: number, habits: Habits): Record<BilledActivity, number> => {
  const days = developers * habits.workDays;
  const starts = days * habits.starts;
  const creates = developers * habits.creates;
  return {
    create: creates,
    start: starts,
    stop: starts,
    delete: creates,
    connect: days * habits.connections,
    poll: days * habits.portalMinutes * pollsPerMinute + (starts + creates) * pollsPerBuild,
    activity: days * habits.activeHours * activityWritesPerHour,
    accessCheck: days * habits.appMinutes * accessChecksPerMinute,
    openHour: days * habits.activeHours,
  };
};

/** Returns the sum of what all activities use. */
export const totalUsage = (activities: Record<BilledActivity, number>): ServiceUsage => {
  const sum: ServiceUsage = { api: 0, tasks: 0, transitions: 0, transactions: 0, reads: 0, writes: 0, audits: 0 };
  for (const [activity, times] of Object.entries(activities)) {
    for (const [what, amount] of Object.entries(usagePerActivity[activity as BilledActivity]))
      sum[what as keyof ServiceUsage] += times * amount;
  }
  return sum;
};

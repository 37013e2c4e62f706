/** A month of 730 hours, as AWS counts. */
export const hoursPerMonth = 730;

/** What a developer does. All of it is an assumption: `npm run cost -- --hours 6` changes one. */
export interface Habits {
  workDays: number;
  /** Hours a day in which a workspace of theirs runs. */
  hours: number;
  /** Of these, hours in which they work in it. */
  activeHours: number;
  /** Starts (and as many stops) a day. */
  starts: number;
  /** Workspaces made (and as many deleted) a month. */
  creates: number;
  /** Minutes a day in which a page of the portal is in sight. */
  portalMinutes: number;
  /** Terminals, commands and apps opened a day. */
  connections: number;
  /** Megabytes a day from workspace to developer: terminals, the IDE, pages of apps. */
  megabytes: number;
}

export const usualHabits: Habits = {
  workDays: 21,
  hours: 8,
  activeHours: 4,
  starts: 1.2,
  creates: 1,
  portalMinutes: 15,
  connections: 10,
  megabytes: 30,
};

/** What one act takes of the services; `test/flows/requests.test.ts` holds the real flow to it. */
export interface Work {
  /** Requests to the API. */
  api: number;
  /** Tasks of workflows. */
  tasks: number;
  transitions: number;
  /** Transactions; each may wake both consumers of the change stream. */
  transactions: number;
  /** Read request units: one per strong read of up to 4 KB. */
  reads: number;
  /** Write request units: one per KB, twice that in a transaction, and once more in each index. */
  writes: number;
  audits: number;
}

/** At most, the agent's events and the log of a usual start script included; without anybody looking on. */
export const work = {
  create: { api: 1, tasks: 4, transitions: 5, transactions: 20, reads: 60, writes: 110, audits: 3 },
  start: { api: 1, tasks: 4, transitions: 5, transactions: 20, reads: 60, writes: 110, audits: 3 },
  stop: { api: 1, tasks: 2, transitions: 2, transactions: 8, reads: 24, writes: 45, audits: 3 },
  delete: { api: 1, tasks: 2, transitions: 2, transactions: 8, reads: 24, writes: 45, audits: 3 },
  /** A ticket made and taken. */
  connect: { api: 1, tasks: 0, transitions: 0, transactions: 2, reads: 9, writes: 12, audits: 1 },
  /** The portal asks for a workspace or a list. */
  look: { api: 1, tasks: 0, transitions: 0, transactions: 0, reads: 4, writes: 0, audits: 0 },
  /** The gateway writes down the time of the last input. */
  activity: { api: 0, tasks: 0, transitions: 0, transactions: 1, reads: 1, writes: 10, audits: 0 },
  /** An hour with something open, whose right is asked about every ten seconds. */
  openHour: { api: 0, tasks: 0, transitions: 0, transactions: 0, reads: 720, writes: 0, audits: 0 },
} satisfies Record<string, Work>;

export type Act = keyof typeof work;

/** While input goes on its time is written every five minutes, and once more a minute after it ended. */
const activityWritesPerHour = 20;
/** Looks of a portal that is in sight: every ten seconds, and twice a second while a build of half a minute goes on. */
const looksPerMinute = 6;
const looksPerBuild = 2 * 30 * 2;

/** How often each act happens in a month. */
export const actsOf = (developers: number, habits: Habits): Record<Act, number> => {
  const days = developers * habits.workDays;
  const starts = days * habits.starts;
  const creates = developers * habits.creates;
  return {
    create: creates,
    start: starts,
    stop: starts,
    delete: creates,
    connect: days * habits.connections,
    look: days * habits.portalMinutes * looksPerMinute + (starts + creates) * looksPerBuild,
    activity: days * habits.activeHours * activityWritesPerHour,
    openHour: days * habits.activeHours,
  };
};

/** The sum of what all acts take. */
export const workOf = (acts: Record<Act, number>): Work => {
  const sum: Work = { api: 0, tasks: 0, transitions: 0, transactions: 0, reads: 0, writes: 0, audits: 0 };
  for (const [act, times] of Object.entries(acts)) {
    for (const [what, amount] of Object.entries(work[act as Act])) sum[what as keyof Work] += times * amount;
  }
  return sum;
};

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ApiError } from '../../contracts/client/client.ts';
import { performAction, type RepeatableRequest } from './actions.ts';
import { injectFault } from './faults.ts';
import { type FaultyBerth, startFaultyBerth } from './faulty-berth.ts';
import { notePath, type SeenVersions, violations } from './invariants.ts';
import { createRandom } from './random.ts';

/**
 * `npm run test:faults -- --rounds 60 --seed 7`: several people use a real local Berth while it, its agents and their
 * processes are killed and paused and its disk is full. After each round all invariants are checked.
 * `--seconds` ends the test earlier. When an invariant is violated, it prints the seed and exits with 1.
 */
const { values } = parseArgs({
  options: { rounds: { type: 'string' }, seed: { type: 'string' }, seconds: { type: 'string' } },
});
const rounds = Number(values.rounds ?? 60);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const deadline = Date.now() + Number(values.seconds ?? 86_400) * 1_000;

/** The sweep finds a workspace whose agent died after 20 s, and repairing it may take two builds. */
const settleTimeoutMs = 120_000;

const template = `
name: faults
compute: { kind: process }
stop: { idleTimeout: 8h }
agent:
  startup: |
    (setsid sleep 100000 &)
    sleep 0.3
`;

const print = (text: string) => void process.stdout.write(`${text}\n`);

/**
 * Repeats unanswered requests with the same key, which must not have an effect twice. A refusal is a valid response.
 */
const repeatAll = async (repeats: RepeatableRequest[]) => {
  for (const repeat of repeats) {
    try {
      await repeat();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }
};

const leaveNotes = (berth: FaultyBerth, notedIds: Set<string>) => {
  for (const { id, status } of berth.workspaces()) {
    if (status !== 'running' || notedIds.has(id) || !existsSync(join(berth.dataDir, 'homes', id))) continue;
    writeFileSync(notePath(berth, id), id);
    notedIds.add(id);
  }
};

/** Waits until no invariant is violated. Returns those that still are after the timeout. */
const waitUntilSettled = async (
  berth: FaultyBerth,
  seen: SeenVersions,
  notedIds: ReadonlySet<string>,
): Promise<string[]> => {
  const until = Date.now() + settleTimeoutMs;
  for (;;) {
    const found = violations(berth, seen, notedIds);
    if (found.length === 0 || Date.now() > until) return found;
    await pause(100);
  }
};

const runRound = async (
  berth: FaultyBerth,
  random: ReturnType<typeof createRandom>,
  seen: SeenVersions,
  notedIds: Set<string>,
) => {
  const repeats: RepeatableRequest[] = [];
  const actions = Array.from({ length: 1 + random.below(4) }, () =>
    performAction(berth, random, (repeat) => repeats.push(repeat)),
  );
  await pause(random.below(800));
  const before = berth.server();
  const faultName = await injectFault(berth, random);
  const done = await Promise.all(actions);
  const ended = !berth.isUp();
  if (ended && !faultName.includes('of the server'))
    return { faultName: faultName, done, found: [`the server exited by itself: ${before.errors().slice(-2_000)}`] };
  if (ended) await berth.restart();
  await repeatAll(repeats);
  const found = await waitUntilSettled(berth, seen, notedIds);
  for (const { id, version } of berth.workspaces()) seen.set(id, version);
  leaveNotes(berth, notedIds);
  return { faultName: faultName, done, found };
};

const main = async (): Promise<boolean> => {
  const templates = mkdtempSync(join(tmpdir(), 'berth-faults-templates-'));
  mkdirSync(join(templates, 'faults'));
  writeFileSync(join(templates, 'faults', 'template.yaml'), template);
  const berth = await startFaultyBerth(templates);
  const random = createRandom(seed);
  const seen: SeenVersions = new Map();
  const notedIds = new Set<string>();
  let number = 0;
  let allHold = true;
  try {
    while (allHold && number < rounds && Date.now() < deadline) {
      number += 1;
      const startedAt = Date.now();
      const { faultName, done, found } = await runRound(berth, random, seen, notedIds);
      print(
        `round ${number}: ${faultName}; ${done.join(', ')}; settled after ${((Date.now() - startedAt) / 1_000).toFixed(1)} s`,
      );
      allHold = found.length === 0;
      for (const one of found) print(`  VIOLATED ${one}`);
      if (!allHold) print(`  the end of the server's log: ${berth.server().errors().slice(-3_000)}`);
    }
  } finally {
    const left = await berth.close();
    if (left.length > 0)
      print(`  VIOLATED processes that outlived a stop of Berth: ${left.map(({ pid }) => pid).join()}`);
    allHold &&= left.length === 0;
    rmSync(templates, { recursive: true, force: true });
  }
  print(
    `${number} rounds, ${berth.isOwnDisk ? 'with' : 'without'} disk errors, seed ${seed}: ${allHold ? 'all invariants held' : 'FAILED'}`,
  );
  return allHold;
};

process.exit((await main()) ? 0 : 1);

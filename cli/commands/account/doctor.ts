import { sanitizeLine } from '../../../base/sanitize.ts';
import type { Finding } from '../../../contracts/doctor.ts';
import { checkDeployment } from '../../doctor/deployment.ts';
import { checkMachine } from '../../doctor/machine.ts';
import { checkServer } from '../../doctor/server.ts';
import { CliError } from '../../io/errors.ts';
import { exitCodes } from '../../io/exit-codes.ts';
import { colored } from '../../io/format.ts';
import { berthUrl, type Options, tokenFor } from '../../server/connect.ts';

const marks = { ok: ['ok  ', 'good'], warn: ['warn', 'busy'], fail: ['FAIL', 'bad'] } as const;

/** Formats one line per finding, followed by the remedy. */
const textOf = (findings: Finding[], out: NodeJS.WriteStream): string => {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, level, what, todo }) => {
    const [mark, tone] = marks[level];
    const line = `${colored(tone, mark, out)}  ${sanitizeLine(check).padEnd(width)}  ${sanitizeLine(what)}`;
    return todo === undefined ? [line] : [line, `${' '.repeat(width + 8)}→ ${sanitizeLine(todo)}`];
  });
  return lines.map((line) => `${line}\n`).join('');
};

/** Returns the reason instead of throwing, because a problem with the sign-in is a finding like any other. */
const tokenOrReason = async (url: string): Promise<{ token: string } | { reason: string }> => {
  try {
    return { token: await tokenFor(url) };
  } catch (error) {
    if (error instanceof CliError) return { reason: error.message };
    throw error;
  }
};

const checkConnection = async (): Promise<Finding[]> => {
  const url = berthUrl();
  const [machine, server] = await Promise.all([checkMachine(), checkServer(url, await tokenOrReason(url))]);
  return [...machine, ...server];
};

/** Checks this machine and the server or, with settings, a deployment. Returns `failed` if any check failed. */
export const doctor = async ({ settings, json }: Options & { settings?: string }): Promise<number> => {
  const { stdout: out } = process;
  const findings = settings === undefined ? await checkConnection() : await checkDeployment(settings);
  const isOk = findings.every(({ level }) => level !== 'fail');
  out.write(json ? `${JSON.stringify({ ok: isOk, findings })}\n` : textOf(findings, out));
  return isOk ? exitCodes.ok : exitCodes.failed;
};

import type { Finding } from '../../../contracts/doctor.ts';
import { lookAtDeployment } from '../../doctor/deployment.ts';
import { lookAtMachine } from '../../doctor/machine.ts';
import { lookAtServer } from '../../doctor/server.ts';
import { exitCodes } from '../../io/exit-codes.ts';
import { CliError } from '../../io/failure.ts';
import { tinted } from '../../io/format.ts';
import { harmless } from '../../io/harmless.ts';
import { berthUrl, type Options, tokenFor } from '../../server/connect.ts';

const marks = { ok: ['ok  ', 'good'], warn: ['warn', 'busy'], fail: ['FAIL', 'bad'] } as const;

/** Formats one line per finding, followed by the remedy. */
const textOf = (findings: Finding[], out: NodeJS.WriteStream): string => {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, level, what, todo }) => {
    const [mark, tone] = marks[level];
    const line = `${tinted(tone, mark, out)}  ${harmless(check).padEnd(width)}  ${harmless(what)}`;
    return todo === undefined ? [line] : [line, `${' '.repeat(width + 8)}→ ${harmless(todo)}`];
  });
  return lines.map((line) => `${line}\n`).join('');
};

/** Returns the reason instead of throwing, because a problem with the sign-in is a finding like any other. */
const tokenOrWhy = async (url: string): Promise<{ token: string } | { why: string }> => {
  try {
    return { token: await tokenFor(url) };
  } catch (error) {
    if (error instanceof CliError) return { why: error.message };
    throw error;
  }
};

const lookAtOwnSide = async (): Promise<Finding[]> => {
  const url = berthUrl();
  const [machine, server] = await Promise.all([lookAtMachine(), lookAtServer(url, await tokenOrWhy(url))]);
  return [...machine, ...server];
};

/** Checks this machine and the server or, with settings, a deployment. Returns `failed` if any check failed. */
export const doctor = async ({ settings, json }: Options & { settings?: string }): Promise<number> => {
  const { stdout: out } = process;
  const findings = settings === undefined ? await lookAtOwnSide() : await lookAtDeployment(settings);
  const isWell = findings.every(({ level }) => level !== 'fail');
  out.write(json ? `${JSON.stringify({ ok: isWell, findings })}\n` : textOf(findings, out));
  return isWell ? exitCodes.ok : exitCodes.failed;
};

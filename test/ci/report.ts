import { readFileSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { parseArgs } from 'node:util';

/**
 * Reads the JSON reports that vitest writes for `.ci/run`. Commands:
 *
 * - `failed-files REPORT`: the test files that failed, one path relative to the repository per line.
 * - `count EXIT-CODE REPORT [REPEAT]`: `PASSED FAILED`. REPEAT is the report of a second run of the failed files;
 *   these count as they did there. A run that fails without a failed test, or without any test, has one failure.
 * - `failures REPORT…`: every failure with its message; with the report of a second run beside it (`x-repeat.json`
 *   beside `x.json`), tests that passed there are printed as FLAKY.
 */
export interface Report {
  testResults: TestFile[];
}

interface TestFile {
  name: string;
  status: 'passed' | 'failed';
  message: string;
  assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
}

const failedFiles = (report: Report) => report.testResults.filter(({ status }) => status === 'failed');

export const count = (exitCode: number, report: Report, repeat?: Report): { passed: number; failed: number } => {
  const again = new Map(repeat?.testResults.map((file) => [file.name, file]));
  const files = report.testResults.map((file) => again.get(file.name) ?? file);
  const statuses = files.flatMap((file) => file.assertionResults.map(({ status }) => status));
  const failed = statuses.filter((status) => status === 'failed').length;
  const broken = files.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some(hasFailed),
  );
  const failures = failed + broken.length;
  const unexplained = exitCode !== 0 || statuses.length === 0;
  return {
    passed: statuses.filter((status) => status === 'passed').length,
    failed: failures === 0 && unexplained ? 1 : failures,
  };
};

const hasFailed = ({ status }: { status: string }) => status === 'failed';

export const failures = (report: Report, repeat?: Report): string[] =>
  failedFiles(report).flatMap((file) => {
    const again = repeat?.testResults.find(({ name }) => name === file.name);
    const verdict = again?.status === 'passed' ? 'FLAKY (passed when its file ran again)' : 'FAILED';
    const tests = file.assertionResults.filter(hasFailed);
    return [
      ...(file.message === '' ? [] : [`${verdict} ${file.name}\n${file.message}`]),
      ...tests.map((test) => `${verdict} ${file.name} > ${test.fullName}\n${test.failureMessages.join('\n')}`),
    ];
  });

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Report;

if (import.meta.main) {
  const [command, ...args] = parseArgs({ allowPositionals: true }).positionals;
  const [first = '', report = '', repeat] = args;
  if (command === 'failed-files') {
    for (const { name } of failedFiles(read(first))) console.log(relative(process.cwd(), name));
  } else if (command === 'count') {
    const { passed, failed } = count(Number(first), read(report), repeat === undefined ? undefined : read(repeat));
    console.log(`${passed} ${failed}`);
  } else if (command === 'failures') {
    const repeatOf = (path: string) =>
      args.find((other) => basename(other) === basename(path).replace('.json', '-repeat.json'));
    for (const path of args.filter((path) => !path.endsWith('-repeat.json'))) {
      const second = repeatOf(path);
      for (const text of failures(read(path), second === undefined ? undefined : read(second))) console.log(text);
    }
  } else throw new Error(`test/ci/report.ts: there is no command "${command ?? ''}".`);
}

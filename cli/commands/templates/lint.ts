import { sanitizeLine } from '../../../base/sanitize.ts';
import type { TemplateProblem } from '../../../contracts/templates/template.ts';
import { exitCodes } from '../../io/exit-codes.ts';
import { colored } from '../../io/format.ts';
import { connect, type Options } from '../../server/connect.ts';
import { readTemplateFolder } from './folder.ts';

const lineOf = ({ level, line, column, field, detail }: TemplateProblem, out: NodeJS.WriteStream): string => {
  const tone = level === 'error' ? 'bad' : 'busy';
  const about = field === '' ? '' : `${sanitizeLine(field)} `;
  return `template.yaml:${line}:${column}: ${colored(tone, level, out)}: ${about}${sanitizeLine(detail)}\n`;
};

/** Reports every problem that prevents publishing a folder. Returns the exit code `failed` if there is any. */
export const lintTemplate = async (folder: string, options: Options): Promise<number> => {
  const { name, ...file } = await readTemplateFolder(folder);
  const cli = connect(options);
  const report = await cli.client.lintTemplate({ params: { template: name }, body: file });
  cli.print(report, () => report.problems.map((problem) => lineOf(problem, cli.out)).join(''));
  const errors = report.problems.filter(({ level }) => level === 'error').length;
  cli.note(errors === 0 ? `${name} can be published.` : `${name} cannot be published. Errors to fix: ${errors}.`);
  return report.ok ? exitCodes.ok : exitCodes.failed;
};

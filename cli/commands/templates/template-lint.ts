import type { TemplateProblem } from '../../../contracts/templates/template.ts';
import { exitCodes } from '../../io/exit-codes.ts';
import { tinted } from '../../io/format.ts';
import { harmless } from '../../io/harmless.ts';
import { connect, type Options } from '../../server/connect.ts';
import { readTemplateFolder } from './template-folder.ts';

const lineOf = ({ level, line, column, field, detail }: TemplateProblem, out: NodeJS.WriteStream): string => {
  const tone = level === 'error' ? 'bad' : 'busy';
  const about = field === '' ? '' : `${harmless(field)} `;
  return `template.yaml:${line}:${column}: ${tinted(tone, level, out)}: ${about}${harmless(detail)}\n`;
};

/** Reports every problem that prevents publishing a folder. Returns the exit code `failed` if there is any. */
export const lintTemplate = async (folder: string, options: Options): Promise<number> => {
  const { name, ...file } = await readTemplateFolder(folder);
  const cli = connect(options);
  const report = await cli.client.lintTemplate({ params: { template: name }, body: file });
  cli.print(report, () => report.problems.map((problem) => lineOf(problem, cli.out)).join(''));
  const errors = report.problems.filter(({ level }) => level === 'error').length;
  cli.note(errors === 0 ? `${name} may be published.` : `${name} cannot be published: ${errors} to correct.`);
  return report.ok ? exitCodes.ok : exitCodes.failed;
};

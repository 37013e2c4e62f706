import { Group, Loader, Text, Title, UnstyledButton } from '@mantine/core';
import type { TemplateProblem } from '../../../contracts/template-checks.ts';
import cardClasses from './Card.module.css';
import classes from './TemplateProblems.module.css';
import type { EditorHandle } from './YamlEditor.tsx';

interface Props {
  problems: readonly TemplateProblem[];
  checking: boolean;
  goTo: EditorHandle['goTo'];
}

/** What is wrong with a file, and where: each leads there. */
export function TemplateProblems({ problems, checking, goTo }: Props) {
  const errors = problems.filter(({ level }) => level === 'error').length;
  const words = errors === 0 ? 'It can be published.' : `${errors} ${errors === 1 ? 'mistake' : 'mistakes'}`;
  return (
    <section className={`berth-card ${cardClasses['card']}`} aria-labelledby="problems">
      <Group gap="sm">
        <Title order={2} size="h4" id="problems">
          Checks
        </Title>
        {checking && <Loader size={16} aria-hidden />}
      </Group>
      <Text role="status" size="sm" c={errors > 0 ? 'var(--mantine-color-error)' : 'dimmed'}>
        {checking ? 'Checking…' : words}
      </Text>
      {problems.length > 0 && (
        <ul className={classes['problems']}>
          {problems.map(({ level, line, column, field, detail }) => (
            <li key={`${line}:${column}:${detail}`}>
              <UnstyledButton className={classes['problem']} data-level={level} onClick={() => goTo(line, column)}>
                <b>
                  {line}:{column}
                </b>{' '}
                {field} {detail}
              </UnstyledButton>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

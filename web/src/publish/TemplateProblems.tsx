import { Group, Loader, Text, Title, UnstyledButton } from '@mantine/core';
import type { TemplateProblem } from '../../../contracts/templates/template.ts';
import cardClasses from '../ui/layout/Card.module.css';
import classes from './TemplateProblems.module.css';
import type { EditorHandle } from './YamlEditor.tsx';

interface Props {
  problems: readonly TemplateProblem[];
  checking: boolean;
  goTo: EditorHandle['goTo'];
}

/** The problems of the file, each with a link to its position. */
export function TemplateProblems({ problems, checking, goTo }: Props) {
  const errors = problems.filter(({ level }) => level === 'error').length;
  const summary = errors === 0 ? 'Ready to publish.' : `${errors} ${errors === 1 ? 'error' : 'errors'}`;
  return (
    <section className={`berth-card ${cardClasses['card']}`} aria-labelledby="problems">
      <Group gap="sm">
        <Title order={2} size="h4" id="problems">
          Checks
        </Title>
        {checking && <Loader size={16} aria-hidden />}
      </Group>
      <Text role="status" size="sm" c={errors > 0 ? 'var(--mantine-color-error)' : 'dimmed'}>
        {checking ? 'Checking…' : summary}
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

import { Button, CopyButton, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useLayoutEffect, useMemo, useRef } from 'react';
import { stepLogQuery } from '../api/queries.ts';
import { plainText } from '../api/stepLog.ts';
import { saveText } from '../lib/saveText.ts';
import { ScrollBox } from '../ui/elements/ScrollBox.tsx';
import { Load } from '../ui/feedback/Load.tsx';
import classes from './StepLogView.module.css';

/** Pixels from the end within which new text scrolls into view. */
const nearEnd = 40;

/** Keeps the end of a growing text visible after each render, unless the person scrolled up. */
const useScrollToEnd = () => {
  const box = useRef<HTMLPreElement>(null);
  const following = useRef(true);
  useLayoutEffect(() => {
    if (following.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  });
  const onScroll = () => {
    const element = box.current;
    if (element === null) return;
    following.current = element.scrollHeight - element.scrollTop - element.clientHeight < nearEnd;
  };
  return { box, onScroll };
};

interface LogProps {
  raw: string;
  cut: boolean;
  title: string;
  /** The name of the downloaded file. */
  file: string;
}

function LogActions({ text, title, file }: { text: string; title: string; file: string }) {
  return (
    <Group gap="xs" justify="flex-end" mb={4}>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button size="xs" variant="subtle" onClick={copy} aria-label={`Copy the log of ${title}`}>
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </CopyButton>
      <Button
        size="xs"
        variant="subtle"
        onClick={() => saveText(text, file)}
        aria-label={`Download the log of ${title}`}
      >
        Download
      </Button>
    </Group>
  );
}

function LogText({ raw, cut, title, file }: LogProps) {
  const text = useMemo(() => plainText(raw), [raw]);
  const { box, onScroll } = useScrollToEnd();
  return (
    <>
      {cut && (
        <Text size="xs" c="dimmed" mb={4}>
          Only the end of this log is shown because the whole log is too long to display.
        </Text>
      )}
      {text !== '' && <LogActions text={text} title={title} file={file} />}
      <ScrollBox ref={box} onScroll={onScroll} className={classes['log']} label={`Log of ${title}`}>
        {text === '' ? 'No output yet.' : text}
      </ScrollBox>
    </>
  );
}

interface Props {
  workspaceId: string;
  build: number;
  step: { name: string; title: string };
}

/** A step's log, updated while it grows. Rendered as text, never as markup. */
export function StepLogView({ workspaceId, build, step }: Props) {
  const query = useQuery(stepLogQuery(workspaceId, build, step.name));
  return (
    <Load query={query} what="the log" loading={<Text size="sm">Loading the log…</Text>}>
      {(log) => <LogText raw={log.text} cut={log.cut} title={step.title} file={`build-${build}-${step.name}.log`} />}
    </Load>
  );
}

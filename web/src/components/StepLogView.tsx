import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useLayoutEffect, useMemo, useRef } from 'react';
import { stepLogQuery } from '../api/queries.ts';
import { plainText } from '../lib/log.ts';
import { Load } from './Load.tsx';
import { ScrollBox } from './ScrollBox.tsx';
import classes from './StepLogView.module.css';

/** Pixels from the end within which the log is followed. */
const nearEnd = 40;

/** Keeps the end of a growing text in sight, unless the person has scrolled up. */
const useFollow = (text: string) => {
  const box = useRef<HTMLPreElement>(null);
  const following = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new text is scrolled to
  useLayoutEffect(() => {
    if (following.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text]);
  const onScroll = () => {
    const element = box.current;
    if (element === null) return;
    following.current = element.scrollHeight - element.scrollTop - element.clientHeight < nearEnd;
  };
  return { box, onScroll };
};

function LogText({ raw, cut, title }: { raw: string; cut: boolean; title: string }) {
  const text = useMemo(() => plainText(raw), [raw]);
  const { box, onScroll } = useFollow(text);
  return (
    <>
      {cut && (
        <Text size="xs" c="dimmed" mb={4}>
          Only the end of this log is shown; it is longer than a browser can hold.
        </Text>
      )}
      <ScrollBox ref={box} onScroll={onScroll} className={classes['log']} label={`Log of ${title}`}>
        {text === '' ? 'Nothing has been written yet.' : text}
      </ScrollBox>
    </>
  );
}

interface Props {
  workspaceId: string;
  build: number;
  step: { name: string; title: string };
}

/** A step's log, growing while it is written. Text only: nothing of it is read as markup. */
export function StepLogView({ workspaceId, build, step }: Props) {
  const query = useQuery(stepLogQuery(workspaceId, build, step.name));
  return (
    <Load query={query} what="the log" loading={<Text size="sm">Loading the log…</Text>}>
      {(log) => <LogText raw={log.text} cut={log.cut} title={step.title} />}
    </Load>
  );
}

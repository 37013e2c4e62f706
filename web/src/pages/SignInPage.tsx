import { Alert, Button, Text, Title } from '@mantine/core';
import { useEffect, useState } from 'react';
import { signIn } from '../auth/session.ts';
import { LoadingState } from '../components/LoadingState.tsx';
import { Logo } from '../components/Logo.tsx';
import { sentenceOf } from '../lib/problem.ts';
import { usePageTitle } from '../lib/usePageTitle.ts';
import classes from './SignInPage.module.css';

const lastAttempt = 'berth.sign-in-at';

/** Milliseconds within which a second automatic sign-in would be a loop. */
const loopWindow = 30_000;

/**
 * Someone who came straight to a page of theirs (a link, a new tab) goes on to the identity provider without a click;
 * who came to the front door, was sent back, or was thrown out, reads why first.
 */
const goesOn = (notice: string | undefined): boolean =>
  notice === undefined &&
  location.pathname !== '/' &&
  Date.now() - Number(sessionStorage.getItem(lastAttempt) ?? 0) > loopWindow;

function Waves() {
  return (
    <svg className={classes['waves']} viewBox="0 0 1440 220" preserveAspectRatio="none" aria-hidden="true">
      <path d="M0 90c180-60 300-60 480 0s300 60 480 0 300-60 480 0v130H0z" fill="#0f5963" opacity="0.55" />
      <path d="M0 130c160 50 320 50 480 0s320-50 480 0 320 50 480 0v90H0z" fill="#0a3f4a" opacity="0.8" />
      <path d="M0 170c200-40 360-30 520 0s330 30 480-5 300-25 440 5v50H0z" fill="#071b29" />
    </svg>
  );
}

export function SignInPage({ notice }: { notice?: string | undefined }) {
  usePageTitle('Sign in');
  const [automatic] = useState(() => goesOn(notice));
  const [leaving, setLeaving] = useState(automatic);
  const [problem, setProblem] = useState<string>();

  const leave = () => {
    setLeaving(true);
    sessionStorage.setItem(lastAttempt, String(Date.now()));
    signIn().catch((error: unknown) => {
      setLeaving(false);
      setProblem(`Signing in could not begin. ${sentenceOf(error)}`);
    });
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page opens
  useEffect(() => {
    if (automatic) leave();
  }, []);

  if (automatic && leaving) return <LoadingState what="your sign-in" />;
  return (
    <div className={classes['page']}>
      <main className={classes['harbour']}>
        <Logo size={72} />
        <Title order={1} className={classes['name']}>
          Berth
        </Title>
        <Text size="lg" className={classes['slogan']}>
          A development environment of your own, ready in seconds and kept as you left it.
        </Text>
        {(problem ?? notice) && (
          <Alert color="yellow" variant="white" role="alert" maw={420}>
            {problem ?? notice}
          </Alert>
        )}
        <Button size="lg" className={classes['button']} loading={leaving} onClick={leave}>
          Sign in
        </Button>
      </main>
      <Waves />
    </div>
  );
}

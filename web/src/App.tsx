import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useState } from 'react';
import { queryClient } from './api/queryClient.ts';
import { startSession, useSession } from './auth/session.ts';
import { ErrorState } from './components/ErrorState.tsx';
import { LoadingState } from './components/LoadingState.tsx';
import { OfflineBanner } from './components/OfflineBanner.tsx';
import { SignInPage } from './pages/SignInPage.tsx';
import { makeRouter } from './router.tsx';
import { cssVariables, theme } from './theme.ts';

/** Made once signed in: the sign-in puts the page to return to into the address before. */
function SignedIn() {
  const [router] = useState(makeRouter);
  return <RouterProvider router={router} />;
}

function Session() {
  const session = useSession();
  switch (session.status) {
    case 'loading':
      return <LoadingState what="Berth" />;
    case 'failed':
      return <ErrorState title="Berth cannot be reached" error={session.error} retry={startSession} order={1} />;
    case 'signed-out':
      return <SignInPage notice={session.notice} />;
    case 'signed-in':
      return <SignedIn />;
  }
}

export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <OfflineBanner />
        <Session />
        <Notifications position="bottom-right" />
      </QueryClientProvider>
    </MantineProvider>
  );
}

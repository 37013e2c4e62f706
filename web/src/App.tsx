import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './styles.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queryClient } from './api/queryClient.ts';
import { makeRouter } from './router.tsx';
import { OfflineBanner } from './shell/OfflineBanner.tsx';
import { cssVariables, theme } from './theme.ts';

/** Renders the portal for the signed-in person; returns a function that unmounts it. */
export const showPortal = (container: HTMLElement): (() => void) => {
  const router = makeRouter();
  const root = createRoot(container);
  root.render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
        <QueryClientProvider client={queryClient}>
          <OfflineBanner />
          <RouterProvider router={router} />
          <Notifications position="bottom-right" />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
  return () => root.unmount();
};

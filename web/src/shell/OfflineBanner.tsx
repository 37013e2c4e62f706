import { Loader, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { healthQuery } from '../api/queries.ts';
import { isReachable, subscribeToReachability } from '../lib/reachability.ts';
import classes from './OfflineBanner.module.css';

/** Shown while Berth does not respond. Polls its health, and refetches every visible query once it responds. */
export function OfflineBanner() {
  const reachable = useSyncExternalStore(subscribeToReachability, isReachable);
  const wasAway = useRef(false);
  const client = useQueryClient();
  useQuery({ ...healthQuery, enabled: !reachable });

  useEffect(() => {
    if (reachable && wasAway.current) void client.invalidateQueries();
    wasAway.current = !reachable;
  }, [reachable, client]);

  return (
    <div role="status">
      {!reachable && (
        <div className={classes['banner']} data-offline>
          <Loader size={16} color="currentColor" aria-hidden />
          <Text size="sm" fw={600}>
            Berth is not responding. Retrying…
          </Text>
        </div>
      )}
    </div>
  );
}

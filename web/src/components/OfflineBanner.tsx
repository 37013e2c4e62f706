import { Loader, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { isReachable, subscribeToConnection } from '../api/connection.ts';
import { healthQuery } from '../api/queries.ts';
import classes from './OfflineBanner.module.css';

/** Says that Berth does not answer, asks until it does, and then has everything shown loaded anew. */
export function OfflineBanner() {
  const reachable = useSyncExternalStore(subscribeToConnection, isReachable);
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
            Berth does not answer; trying again.
          </Text>
        </div>
      )}
    </div>
  );
}

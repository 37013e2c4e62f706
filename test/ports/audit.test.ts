import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAuditSegments } from '../../adapters/audit/read-segments.ts';
import { openAuditSegments } from '../../adapters/audit/segments.ts';
import { auditContract } from './audit.ts';

auditContract('segments in a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'berth-audit-'));
  const audit = await openAuditSegments(folder);
  return {
    audit,
    delivered: () => Array.fromAsync(readAuditSegments(folder)),
    close: async () => {
      await audit.close();
      await rm(folder, { recursive: true });
    },
  };
});

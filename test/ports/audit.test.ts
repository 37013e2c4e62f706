import { readAuditSegments } from '../../adapters/audit/read-segments.ts';
import { openAuditSegments } from '../../adapters/audit/segments.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { auditContract } from './audit.ts';

auditContract('segments in a folder', async () => {
  const folder = temporaryFolder();
  const audit = await openAuditSegments(folder);
  return {
    audit,
    delivered: () => Array.fromAsync(readAuditSegments(folder)),
    close: async () => {
      await audit.close();
    },
  };
});

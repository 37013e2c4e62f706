import { streamHandler } from '../../../adapters/table/dynamodb/stream-records.ts';
import { auditChanges } from '../../stream/audit.ts';
import { auditRuntime } from '../aws/stream.ts';
import { logged } from '../log.ts';

export const handler = logged(streamHandler(auditChanges(auditRuntime())));

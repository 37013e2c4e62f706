import { streamHandler } from '../../../adapters/table/dynamodb/stream-records.ts';
import { workspaceChanges } from '../../stream/workspaces.ts';
import { streamRuntime } from '../aws/stream.ts';
import { logged } from '../log.ts';

export const handler = logged(streamHandler(workspaceChanges(streamRuntime())));

import { workspaceChanges } from '../stream/workspaces.ts';
import { streamRuntime } from './aws/stream.ts';
import { logged } from './log.ts';

export const handler = logged(workspaceChanges(streamRuntime()));

import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { AgentEvent } from '../../contracts/agent/tunnel.ts';
import { logChunkLimit } from '../../contracts/agent/wire.ts';
import { parseJson } from '../../contracts/values/json.ts';

/** One event per line. JSON escapes can make six characters of one. */
const maxLineLength = 6 * logChunkLimit + 4_096;
const maxBatchSize = 50;

/** The error is logged, so it contains nothing of the line, which is text from a workspace. */
const parse = (line: string): AgentEvent => {
  const read = AgentEvent.safeParse(parseJson(line));
  if (!read.success) throw new Error('the agent sent a line that is not an event');
  return read.data;
};

/**
 * The events of an NDJSON stream, in batches of those that arrived together. Throws for anything that is not an event.
 */
async function* batches(stream: Readable): AsyncGenerator<AgentEvent[]> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > maxLineLength) throw new Error('the agent sent a line that is longer than any event');
    for (let at = 0; at < lines.length; at += maxBatchSize) yield lines.slice(at, at + maxBatchSize).map(parse);
  }
}

/**
 * Passes an agent's events to `record`, in order and each once, until the stream ends. Events that arrive while a batch
 * is being written form the next batch; the stream's flow control slows down an agent that sends faster than that.
 */
export const pumpEvents = async (
  stream: Readable,
  lastEvent: number,
  record: (events: AgentEvent[]) => Promise<void>,
): Promise<void> => {
  let last = lastEvent;
  const isNew = ({ seq }: AgentEvent): boolean => {
    if (seq <= last) return false;
    last = seq;
    return true;
  };
  for await (const batch of batches(stream)) {
    const fresh = batch.filter(isNew);
    if (fresh.length > 0) await record(fresh);
  }
};

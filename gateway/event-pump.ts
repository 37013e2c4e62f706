import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { AgentEvent } from '../contracts/agent.ts';
import { parseJson } from '../contracts/json.ts';
import { logChunkLimit } from '../contracts/wire.ts';

/** A line holds one event; escaping makes six characters of one at the most. */
const longestLine = 6 * logChunkLimit + 4_096;
/** Events written at a time. */
const mostAtOnce = 50;

/** The line is a workspace's own text: no part of it comes into the error, which is logged. */
const parse = (line: string): AgentEvent => {
  const read = AgentEvent.safeParse(parseJson(line));
  if (!read.success) throw new Error('the agent sent a line that is no event');
  return read.data;
};

/** The events of an NDJSON stream, in the batches in which they arrived. Throws for anything else than events. */
async function* batches(stream: Readable): AsyncGenerator<AgentEvent[]> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) throw new Error('the agent sent a line that is longer than any event');
    for (let at = 0; at < lines.length; at += mostAtOnce) yield lines.slice(at, at + mostAtOnce).map(parse);
  }
}

/**
 * Hands an agent's events on, in order and each once, for as long as the stream lasts. What arrives while a batch is
 * being written makes up the next one; an agent that talks faster than that is slowed by the stream's window.
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

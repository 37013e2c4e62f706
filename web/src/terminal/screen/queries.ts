import type { IFunctionIdentifier, Terminal } from '@xterm/xterm';

/** Queries that xterm.js would respond to: DA1, DA2, DSR, DECRQM and window reports. */
const csiQueries: IFunctionIdentifier[] = [
  { final: 'c' },
  { prefix: '>', final: 'c' },
  { final: 'n' },
  { prefix: '?', final: 'n' },
  { intermediates: '$', final: 'p' },
  { prefix: '?', intermediates: '$', final: 'p' },
  { final: 't' },
];
/** OSC sequences that set or query colors. */
const colors = [4, 10, 11, 12];

/**
 * Leaves queries of programs to the agent while `agentResponds` returns true. Otherwise every viewer would respond,
 * late, and the responses would be typed into the program that runs by then.
 */
export const leaveQueriesToAgent = ({ parser }: Terminal, agentResponds: () => boolean): void => {
  for (const sequence of csiQueries) parser.registerCsiHandler(sequence, agentResponds);
  parser.registerDcsHandler({ intermediates: '$', final: 'q' }, agentResponds);
  for (const color of colors) parser.registerOscHandler(color, (data) => data.includes('?') && agentResponds());
};

/** What xterm.js sends when it gains or loses the focus; a `focus` request informs the agent instead. */
export const isFocusReport = (text: string): boolean => text === '\u001b[I' || text === '\u001b[O';

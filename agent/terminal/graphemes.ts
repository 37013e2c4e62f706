/*
 * @xterm/addon-unicode-graphemes unpacks a table when it is loaded, and reads the table's length from the start of the
 * buffer's underlying memory. Node allocates small buffers from a pool, so it read other code's data as the length, and
 * the agent crashed with "Data error" or allocated gigabytes. The pool is therefore off while the addon is loaded.
 */
// A separate import, so that sorting imports keeps it before the addon.
import './disable-buffer-pool.ts';
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes';
import { poolSize } from './disable-buffer-pool.ts';

Buffer.poolSize = poolSize;

export { UnicodeGraphemesAddon };

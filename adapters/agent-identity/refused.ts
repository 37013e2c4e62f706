import { BerthError } from '../../core/errors.ts';

/** The reason stays here: whoever is refused is told the same sentence, whatever failed. */
export const notVouchedFor = (why: string, cause?: unknown): BerthError =>
  new BerthError('agent_refused', `The platform does not vouch for this agent: ${why}.`, { cause });

import { readVariables } from '../../../contracts/environment.ts';

/** The kinds of compute that are installed, each with its settings and what makes it. Throws for one that there is not. */
export const installedKinds = <Make>(makers: Record<string, Make>): { make: Make; settings: unknown }[] => {
  const { BERTH_COMPUTE } = readVariables(process.env, ['BERTH_COMPUTE']);
  return Object.entries(BERTH_COMPUTE).map(([name, settings]) => {
    const make = makers[name];
    if (make !== undefined) return { make, settings };
    throw new Error(`BERTH_COMPUTE names the kind "${name}"; there are ${Object.keys(makers).join(', ')}.`);
  });
};

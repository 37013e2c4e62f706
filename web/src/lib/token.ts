import { routes } from '../../../contracts/routes.ts';

/** What is wrong with a token that is asked for, by field. */
export const checkToken = (name: string, days: number | string): { name?: string; days?: string } => {
  const { shape } = routes.createToken.body;
  const validDays = typeof days === 'number' && shape.days.safeParse(days).success;
  return {
    ...(shape.name.safeParse(name.trim()).success ? {} : { name: 'A name of 1 to 60 characters is required.' }),
    ...(validDays ? {} : { days: 'Give a whole number of days from 1 to 365.' }),
  };
};

import { routes } from '../../../contracts/routes/routes.ts';

/** The errors of the form that creates a token, by field. */
export const checkToken = (name: string, days: number | string): { name?: string; days?: string } => {
  const { shape } = routes.createToken.body;
  const validDays = typeof days === 'number' && shape.days.safeParse(days).success;
  return {
    ...(shape.name.safeParse(name.trim()).success ? {} : { name: 'Enter a name of 1 to 60 characters.' }),
    ...(validDays ? {} : { days: 'Enter a whole number of days from 1 to 365.' }),
  };
};

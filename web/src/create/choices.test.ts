import { expect, it } from 'vitest';
import { Parameter } from '../../../contracts/templates/parameters.ts';
import { choicesOf, fitsSegments } from './choices.ts';

const size = Parameter.parse({ name: 'size', type: 'number', options: [{ value: 2, label: 'Small' }, { value: 8 }] });

it('labels an option without label by its value', () => {
  expect(choicesOf(size)?.map(({ label }) => label)).toEqual(['Small', '8']);
  expect(choicesOf(Parameter.parse({ name: 'free', type: 'string' }))).toBeUndefined();
});

it('shows a few short options side by side', () => {
  const labelled = (...labels: string[]) => labels.map((label) => ({ value: label, label }));
  expect(fitsSegments(labelled('Small', 'Large'))).toBe(true);
  expect(fitsSegments(labelled('1', '2', '3', '4', '5'))).toBe(false);
  expect(fitsSegments(labelled('Frankfurt am Main', 'Northern Virginia'))).toBe(false);
});

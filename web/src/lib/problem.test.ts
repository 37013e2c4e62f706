import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../contracts/calls.ts';
import { type ErrorName, errorCatalogue, type Problem, problemType } from '../../../contracts/errors.ts';
import { formErrors, isNotFound, sentenceOf } from './problem.ts';

const givenError = (name: ErrorName, more: Partial<Problem> = {}): ApiError =>
  new ApiError({ type: problemType(name), ...errorCatalogue[name], detail: 'It is so.', ...more });

describe('formErrors', () => {
  const shown = ['name', 'parameters.cpu'];

  it('puts each objection beside its field, the others on top', () => {
    const errors = [
      { field: 'parameters.cpu', detail: 'At most 8.' },
      { field: 'parameters.gone', detail: 'There is no parameter gone.' },
    ];
    expect(formErrors(givenError('invalid_parameter', { errors }), shown)).toEqual({
      fields: { 'parameters.cpu': 'At most 8.' },
      general: ['There is no parameter gone.'],
    });
  });

  it('reads a single field, also as a path from the body', () => {
    expect(formErrors(givenError('invalid_request', { field: 'body.name' }), shown).fields).toEqual({
      name: 'It is so.',
    });
  });

  it('knows that a taken name is the name’s', () => {
    expect(formErrors(givenError('name_taken'), shown)).toEqual({ fields: { name: 'It is so.' }, general: [] });
  });

  it('shows what is about no field', () => {
    expect(formErrors(givenError('quota_exceeded'), shown)).toEqual({ fields: {}, general: ['It is so.'] });
    expect(formErrors(new TypeError('Failed to fetch'), shown).general[0]).toContain('does not answer');
  });
});

describe('sentenceOf', () => {
  it('says the API’s own sentence and never an internal one', () => {
    expect(sentenceOf(givenError('wrong_state'))).toBe('It is so.');
    expect(sentenceOf(new Error('x is undefined'))).not.toContain('undefined');
  });
});

describe('isNotFound', () => {
  it('is only that', () => {
    expect(isNotFound(givenError('not_found'))).toBe(true);
    expect(isNotFound(givenError('forbidden'))).toBe(false);
    expect(isNotFound(new TypeError('x'))).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../contracts/client/calls.ts';
import { type ErrorName, errorCatalogue, type Problem, problemType } from '../../../contracts/errors/problem.ts';
import { errorMessage, formErrors, isNotFound } from './errors.ts';

const givenError = (name: ErrorName, more: Partial<Problem> = {}): ApiError =>
  new ApiError({ type: problemType(name), ...errorCatalogue[name], detail: 'It is so.', ...more });

describe('formErrors', () => {
  const shown = ['name', 'parameters.cpu'];

  it('assigns each error to its field, and the others to the form', () => {
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

  it('assigns a taken name to the field name', () => {
    expect(formErrors(givenError('name_taken'), shown)).toEqual({ fields: { name: 'It is so.' }, general: [] });
  });

  it('keeps errors that belong to no field', () => {
    expect(formErrors(givenError('quota_exceeded'), shown)).toEqual({ fields: {}, general: ['It is so.'] });
    expect(formErrors(new TypeError('Failed to fetch'), shown).general[0]).toContain('not responding');
  });
});

describe('errorMessage', () => {
  it('is the message of the API, and never an internal one', () => {
    expect(errorMessage(givenError('wrong_state'))).toBe('It is so.');
    expect(errorMessage(new Error('x is undefined'))).not.toContain('undefined');
  });
});

describe('isNotFound', () => {
  it('is true only for not_found', () => {
    expect(isNotFound(givenError('not_found'))).toBe(true);
    expect(isNotFound(givenError('forbidden'))).toBe(false);
    expect(isNotFound(new TypeError('x'))).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { checkParameter } from './check-parameters.ts';
import { Parameter } from './parameters.ts';

const parameter = (definition: object): Parameter => Parameter.parse({ name: 'size', ...definition });

describe('any parameter', () => {
  it('is required when it has no default', () => {
    expect(checkParameter(parameter({ type: 'string' }), undefined)).toBe('size is required.');
    expect(checkParameter(parameter({ type: 'string', displayName: 'Disk size' }), '')).toBe('Disk size is required.');
    expect(checkParameter(parameter({ type: 'number' }), undefined)).toBe('size is required.');
    expect(checkParameter(parameter({ type: 'bool' }), undefined)).toBe('size is required.');
  });

  it('is optional when it has a default, also a falsy one', () => {
    expect(checkParameter(parameter({ type: 'string', default: '' }), undefined)).toBeUndefined();
    expect(checkParameter(parameter({ type: 'bool', default: false }), undefined)).toBeUndefined();
  });

  it.each([
    ['string', 3, 'size must be text.'],
    ['number', '3', 'size must be a number.'],
    ['number', Number.NaN, 'size must be a number.'],
    ['bool', 'true', 'size must be on or off.'],
    ['list', 'a,b', 'size must be a list.'],
    ['list', [1], 'size must be a list.'],
    ['string', null, 'size must be text.'],
  ])('of type %s refuses %j', (type, value, message) => {
    expect(checkParameter(parameter({ type }), value)).toBe(message);
  });
});

describe('a string', () => {
  it('is one line without control characters, unless it is multiline', () => {
    const refused = 'size must not contain control characters or line breaks.';
    expect(checkParameter(parameter({ type: 'string' }), 'a\nb')).toBe(refused);
    expect(checkParameter(parameter({ type: 'string' }), 'a\u001b[31m')).toBe(refused);
    expect(checkParameter(parameter({ type: 'string', multiline: true }), 'a\r\n\tb')).toBeUndefined();
    expect(checkParameter(parameter({ type: 'string', multiline: true }), 'a\0b')).toContain('control characters');
  });

  it('has a length within its limits', () => {
    const sized = parameter({ type: 'string', minLength: 2, maxLength: 3 });
    expect(checkParameter(sized, 'a')).toBe('size must have at least 2 characters.');
    expect(checkParameter(sized, 'ab')).toBeUndefined();
    expect(checkParameter(sized, 'abcd')).toBe('size must have at most 3 characters.');
    expect(checkParameter(parameter({ type: 'string' }), 'a'.repeat(4_097))).toContain('at most 4096');
  });

  it('is one of its options', () => {
    const options = parameter({ type: 'string', options: [{ value: 's' }, { value: 'l' }] });
    expect(checkParameter(options, 's')).toBeUndefined();
    expect(checkParameter(options, 'm')).toBe('size must be one of “s”, “l”.');
  });

  it('matches its pattern as a whole, alternatives included', () => {
    const either = parameter({ type: 'string', pattern: 'ab|cd' });
    expect(checkParameter(either, 'cd')).toBeUndefined();
    expect(checkParameter(either, 'abx')).toBe('size must match ab|cd.');
    expect(checkParameter(either, 'xcd')).toBe('size must match ab|cd.');
  });

  it('is refused with the template’s own message', () => {
    const git = parameter({ type: 'string', pattern: 'https://.+', patternMessage: 'Give an https address.' });
    expect(checkParameter(git, 'ftp://x')).toBe('Give an https address.');
  });

  it.each(['(', 'a)|(b', '[z-a]'])('cannot be checked when the pattern %j is not a regular expression', (pattern) => {
    expect(checkParameter(parameter({ type: 'string', pattern }), 'x')).toContain('not a valid regular expression');
  });

  it('may be empty if that is its default, even if its pattern does not match', () => {
    const optional = parameter({ type: 'string', pattern: 'https://.+', default: '' });
    expect(checkParameter(optional, '')).toBeUndefined();
    expect(checkParameter(optional, 'x')).toContain('must match');
  });
});

describe('a number', () => {
  it('is within its bounds, inclusive', () => {
    const bounded = parameter({ type: 'number', min: 1, max: 8, integer: true });
    expect(checkParameter(bounded, 1)).toBeUndefined();
    expect(checkParameter(bounded, 8)).toBeUndefined();
    expect(checkParameter(bounded, 0)).toBe('size must be at least 1.');
    expect(checkParameter(bounded, 9)).toBe('size must be at most 8.');
    expect(checkParameter(bounded, 1.5)).toBe('size must be a whole number.');
  });

  it('is one of its options', () => {
    expect(checkParameter(parameter({ type: 'number', options: [{ value: 2 }] }), 3)).toBe('size must be one of “2”.');
  });
});

describe('a list', () => {
  it('has a number of items within its limits', () => {
    const sized = parameter({ type: 'list', minItems: 1, maxItems: 2 });
    expect(checkParameter(sized, [])).toBe('size must have at least 1 item.');
    expect(checkParameter(sized, ['a', 'b', 'c'])).toBe('size must have at most 2 items.');
  });

  it('contains only its options, each of one line', () => {
    const options = parameter({ type: 'list', options: [{ value: 'go' }] });
    expect(checkParameter(options, ['go'])).toBeUndefined();
    expect(checkParameter(options, ['go', 'c'])).toBe('size may only contain “go”, not “c”.');
    expect(checkParameter(parameter({ type: 'list' }), ['a\nb'])).toContain('line breaks');
  });
});

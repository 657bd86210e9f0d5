import { describe, expect, it } from 'vitest';
import type { RecipeParameter } from '$generated/api';
import { givenValues, isValue } from './values';

const parameter = (more: Partial<RecipeParameter>): RecipeParameter => ({ name: 'days', kind: 'text', description: '', required: false, default: null, pattern: null, min: null, max: null, choices: [], ...more });

describe('the value of a parameter', () => {
  it('is of its type', () => {
    expect(['1', '90', '91', '0', '1.5', 'x'].map((value) => isValue(parameter({ kind: 'integer', min: 1, max: 90 }), value))).toEqual([true, true, false, false, false, false]);
    expect(['a', 'c'].map((value) => isValue(parameter({ kind: 'choice', choices: ['a', 'b'] }), value))).toEqual([true, false]);
    expect(['true', 'yes'].map((value) => isValue(parameter({ kind: 'boolean' }), value))).toEqual([true, false]);
    expect(['', 'é', 'éé', 'ééé'].map((value) => isValue(parameter({ min: 2, max: 2, required: true }), value))).toEqual([false, false, true, false]);
  });

  it('may be left out where there is a default, and is then not sent', () => {
    expect(isValue(parameter({ required: true }), '')).toBe(false);
    expect(isValue(parameter({ required: true, default: '3' }), '')).toBe(true);
    expect(givenValues([parameter({}), parameter({ name: 'site' })], { days: '', site: 'morel.example', other: 'x' })).toEqual({ site: 'morel.example' });
  });
});

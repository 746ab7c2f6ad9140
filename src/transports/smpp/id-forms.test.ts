import { describe, expect, it } from 'vitest';
import { IdForms, keyOfAnswer, keyOfReceipt } from './id-forms.ts';

describe('an id', () => {
  it.each([
    ['0007AB', '7ab'],
    ['7ab', '7ab'],
    ['0', '0'],
    ['000', '0'],
    [' 12 ', '12'],
    ['6F9619FF-8B86', '6f9619ff-8b86'],
  ])('%j is kept as %j', (id, key) => expect(keyOfAnswer(id)).toBe(key));

  it.each([
    ['255', 'hex-answers', 'ff'],
    ['00255', 'hex-answers', 'ff'],
    ['FF', 'hex-receipts', '255'],
    ['00FF', 'hex-receipts', '255'],
    ['18446744073709551615', 'hex-answers', 'ffffffffffffffff'],
    ['ab', 'hex-answers', undefined],
    ['x-1', 'hex-receipts', undefined],
    ['AB', 'same', 'ab'],
  ] as const)('%j of a receipt with %s is looked for as %j', (id, form, key) => {
    expect(keyOfReceipt(id, form)).toBe(key);
  });
});

describe('the form of ids', () => {
  it('is learned from what was found, and then nothing else is tried', () => {
    const told: string[] = [];
    const forms = new IdForms('auto', (form) => told.push(form));
    expect(forms.keysOf('255')).toEqual(['255', 'ff', '597']);
    for (let id = 255; id < 255 + 20; id++) forms.found(String(id), id.toString(16));
    expect(told).toEqual(['hex-answers']);
    expect(forms.keysOf('255')).toEqual(['ff']);
  });

  it('is told to nobody when it is the same', () => {
    const told: string[] = [];
    const forms = new IdForms('auto', (form) => told.push(form));
    for (let id = 255; id < 255 + 20; id++) forms.found(String(id), String(id));
    expect(forms.keysOf('255')).toEqual(['255']);
    expect(told).toEqual([]);
  });

  it('is not learned from ids that are the same in all, nor from a few in between', () => {
    const forms = new IdForms('auto', () => {});
    for (let at = 0; at < 100; at++) forms.found('7', '7');
    for (let at = 0; at < 19; at++) forms.found('255', 'ff');
    forms.found('255', '255');
    for (let at = 0; at < 19; at++) forms.found('255', 'ff');
    expect(forms.keysOf('255')).toHaveLength(3);
    expect(forms.keysOf('255')[0]).toBe('ff');
  });

  it('is what the owner says', () => {
    const forms = new IdForms('hex-receipts', () => {});
    expect(forms.keysOf('FF')).toEqual(['255']);
    expect(forms.keysOf('not-hex')).toEqual(['not-hex']);
  });
});

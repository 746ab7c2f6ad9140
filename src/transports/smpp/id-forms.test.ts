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

function open(setting: ConstructorParameters<typeof IdForms>[0] = 'auto') {
  const told: string[] = [];
  const forms = new IdForms(setting, {
    learned: (form) => told.push(`learned ${form}`),
    lost: (form) => told.push(`lost ${form}`),
  });
  return { forms, told };
}

const count = (length: number, from: number) => Array.from({ length }, (_, at) => from + at);
const decimal = (id: number) => String(id);
const hex = (id: number) => id.toString(16);

describe('the form of ids', () => {
  it('is learned from what was found, and then nothing else is tried', () => {
    const { forms, told } = open();
    expect(forms.keysOf('255')).toEqual(['255', 'ff', '597']);
    for (const id of count(20, 255)) forms.heard(decimal(id), hex(id));
    expect(told).toEqual(['learned hex-answers']);
    expect(forms.keysOf('255')).toEqual(['ff']);
  });

  it('is told to nobody when it is the same', () => {
    const { forms, told } = open();
    for (const id of count(20, 255)) forms.heard(decimal(id), decimal(id));
    expect(forms.keysOf('255')).toEqual(['255']);
    expect(told).toEqual([]);
  });

  it('is not learned from ids that are the same in all, nor from a few in between', () => {
    const { forms } = open();
    for (let at = 0; at < 100; at++) forms.heard('7', '7');
    for (let at = 0; at < 19; at++) forms.heard('255', 'ff');
    forms.heard('256', '256');
    for (let at = 0; at < 19; at++) forms.heard('255', 'ff');
    expect(forms.keysOf('257')).toEqual(['101', '257', '599']);
  });

  it('is looked for again when receipts find nothing any more', () => {
    const { forms, told } = open();
    for (const id of count(20, 255)) forms.heard(decimal(id), decimal(id));
    for (let at = 0; at < 19; at++) forms.heard('900', null);
    forms.heard('901', '901');
    for (let at = 0; at < 19; at++) forms.heard('900', null);
    expect(forms.keysOf('255')).toEqual(['255']);
    forms.heard('900', null);
    expect(forms.keysOf('255')).toEqual(['255', 'ff', '597']);
    for (const id of count(20, 255)) forms.heard(decimal(id), hex(id));
    expect(forms.keysOf('255')).toEqual(['ff']);
    expect(told).toEqual(['lost same', 'learned hex-answers']);
  });

  it('is asked for a second receipt in the same way until the first was found', () => {
    const { forms } = open();
    for (const id of [16, 26]) forms.answered(hex(id));
    const keys = forms.keysOf('26');
    expect(keys).toEqual(['1a', '26', '38']);
    expect(forms.keysOf('26')).toEqual(keys);
    forms.heard('26', '1a');
    expect(forms.keysOf('26')).toEqual(['1a']);
  });

  it('is what the owner says, whatever is found', () => {
    const { forms, told } = open('hex-receipts');
    for (let at = 0; at < 100; at++) forms.heard('900', null);
    expect(forms.keysOf('FF')).toEqual(['255']);
    expect(forms.keysOf('not-hex')).toEqual(['not-hex']);
    expect(told).toEqual([]);
  });

  // Each id is another message's own in another form, and all went to one handset.
  describe.each([
    ['same, decimal', decimal, decimal],
    ['same, hexadecimal', hex, hex],
    ['hexadecimal in answers only', hex, decimal],
    ['hexadecimal in receipts only', decimal, hex],
  ])('where it is %s', (_, answer, receipt) => {
    it.each([0x1, 0x10, 0x17, 0x100, 0x9ff])(
      'is seen at once among messages from %i on',
      (from) => {
        const { forms } = open();
        const ids = count(60, from);
        for (const id of ids) forms.answered(answer(id));
        // They come together: what is found is known when all have been looked for, and one comes twice.
        const wrong = ids.filter((id) => {
          const [likeliest] = forms.keysOf(receipt(id));
          return likeliest !== answer(id) || forms.keysOf(receipt(id))[0] !== answer(id);
        });
        expect(wrong).toEqual([]);
      },
    );
  });
});

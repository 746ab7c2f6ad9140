import { describe, expect, it } from 'vitest';
import { isNetwork } from './network.ts';

describe('isNetwork', () => {
  it.each([
    '10.0.0.5',
    '10.0.0.0/8',
    '0.0.0.0/0',
    '10.1.2.3/32',
    '::1',
    '::1/128',
    'fd00::/8',
    '::/0',
    '2001:db8::1.2.3.4/64',
  ])('takes %s', (written) => {
    expect(isNetwork(written)).toBe(true);
  });

  it.each([
    '',
    'localhost',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '/8',
    '::1/129',
    'fd00::/8/8',
    '::ffff:10.0.0.1',
    '0:0:0:0:0:ffff:a00:1',
    '::FFFF:a00:0/104',
    '0x7f.1',
    '010.0.0.1',
    '10.0.0.0/255.0.0.0',
    '[::1]',
    '10.0.0.1:80',
  ])('refuses %j', (written) => {
    expect(isNetwork(written)).toBe(false);
  });

  it('refuses an address with a zone', () => {
    expect(isNetwork('fe80::1%eth0')).toBe(false);
  });
});

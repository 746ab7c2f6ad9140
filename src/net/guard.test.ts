import { describe, expect, it } from 'vitest';
import { judgeAddress, parseAllowList } from './guard.ts';

const judge = (address: string, allow: string[] = []) => {
  const verdict = judgeAddress(address, parseAllowList(allow));
  return verdict.allowed ? 'allowed' : verdict.range;
};

describe('judgeAddress', () => {
  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '2a00:1450:4001:829::200e',
    '::ffff:8.8.8.8',
  ])('allows %s, which is public', (address) => {
    expect(judge(address)).toBe('allowed');
  });

  it.each([
    ['0.0.0.0', 'unspecified'],
    ['0.1.2.3', 'unspecified'],
    ['10.0.0.1', 'private'],
    ['100.64.0.1', 'carrierGradeNat'],
    ['100.100.100.200', 'carrierGradeNat'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['168.63.129.16', 'cloudHost'],
    ['169.254.169.254', 'linkLocal'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.0.0.192', 'reserved'],
    ['192.0.2.1', 'reserved'],
    ['192.31.196.1', 'as112'],
    ['192.52.193.1', 'amt'],
    ['192.88.99.1', 'reserved'],
    ['192.168.0.1', 'private'],
    ['198.18.0.1', 'reserved'],
    ['198.51.100.1', 'reserved'],
    ['203.0.113.1', 'reserved'],
    ['224.0.0.1', 'multicast'],
    ['240.0.0.1', 'reserved'],
    ['255.255.255.255', 'broadcast'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['::7f00:1', 'unassigned'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['::ffff:a9fe:a9fe', 'linkLocal'],
    ['::ffff:0:127.0.0.1', 'rfc6145'],
    ['64:ff9b::127.0.0.1', 'rfc6052'],
    ['64:ff9b:1::10.0.0.1', 'rfc6052'],
    ['100::1', 'discard'],
    ['2001::1', 'teredo'],
    ['2001:2::1', 'benchmarking'],
    ['2001:20::1', 'orchid2'],
    ['2001:db8::1', 'reserved'],
    ['2002:7f00:1::', '6to4'],
    ['3fff::1', 'reserved'],
    ['4000::1', 'unassigned'],
    ['5f00::1', 'segmentRouting'],
    ['fc00::1', 'uniqueLocal'],
    ['fd00:ec2::254', 'uniqueLocal'],
    ['fe80::1', 'linkLocal'],
    ['fe80::1%eth0', 'linkLocal'],
    ['fec0::1', 'deprecatedSiteLocal'],
    ['ff02::1', 'multicast'],
  ])('denies %s as %s', (address, range) => {
    expect(judge(address)).toBe(range);
  });

  it.each(['', 'localhost', '0177.0.0.1', '127.1', '0x7f.1', '2130706433', '[::1]', '1.1.1.1:80'])(
    'denies %j, which is not an address in its canonical form',
    (text) => {
      expect(judge(text, ['0.0.0.0/0', '::/0'])).toBe('not an address');
    },
  );

  // The client judges URL.hostname, so the many ways to write an address come down to one.
  it.each([
    ['http://0x7f.1/', 'loopback'],
    ['http://0177.0.0.1/', 'loopback'],
    ['http://2130706433/', 'loopback'],
    ['http://127.1/', 'loopback'],
    ['http://0/', 'unspecified'],
    ['http://0xa9fea9fe/', 'linkLocal'],
    ['http://１２７.0.0.1/', 'loopback'],
    ['http://127.0.0.1./', 'loopback'],
    ['http://[::ffff:127.0.0.1]/', 'loopback'],
    ['http://[::127.0.0.1]/', 'unassigned'],
    ['http://[0:0:0:0:0:0:0:1]/', 'loopback'],
  ])('denies the host of %s as %s', (url, range) => {
    expect(judge(new URL(url).hostname.replace(/^\[|\]$/g, ''))).toBe(range);
  });

  it.each([
    ['127.0.0.1', '127.0.0.0/8', 'allowed'],
    ['127.0.0.1', '127.0.0.1', 'allowed'],
    ['127.0.0.2', '127.0.0.1', 'loopback'],
    ['10.1.2.3', '10.0.0.1/8', 'allowed'],
    ['11.0.0.1', '10.0.0.0/8', 'allowed'],
    ['::ffff:10.1.2.3', '10.0.0.0/8', 'allowed'],
    ['64:ff9b::a01:203', '10.0.0.0/8', 'rfc6052'],
    ['10.1.2.3', '0.0.0.0/0', 'allowed'],
    ['::1', '0.0.0.0/0', 'loopback'],
    ['::1', '::1/128', 'allowed'],
    ['fd12::1', 'fd00::/8', 'allowed'],
    ['192.168.0.1', 'fd00::/8', 'private'],
  ])('judges %s, where %s is on the allow list: %s', (address, network, verdict) => {
    expect(judge(address, [network])).toBe(verdict);
  });
});

describe('parseAllowList', () => {
  it.each([
    '',
    'localhost',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '10/8',
    '010.0.0.0/8',
    '10.0.0.0/8,192.168.0.0/16',
    'fd00::/129',
    '[::1]/128',
  ])('names the entry %j that it cannot read', (entry) => {
    expect(() => parseAllowList(['10.0.0.0/8', entry])).toThrow(
      `allow list: ${JSON.stringify(entry)} is not a network`,
    );
  });

  it('refuses a mapped address, which would never match', () => {
    expect(() => parseAllowList(['::ffff:10.0.0.0/104'])).toThrow('write it as IPv4');
  });
});

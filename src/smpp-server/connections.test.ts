import { expect, it } from 'vitest';
import { Connections } from './connections.ts';

it.each([
  ['192.0.2.1', '192.0.2.1', true],
  ['192.0.2.1', '192.0.2.2', false],
  ['2001:db8:1:2::1', '2001:db8:1:2:ffff::7', true],
  ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
])('from %s and %s: of one address %j', (one, other, together) => {
  const connections = new Connections({ maxConnections: 10, maxConnectionsPerAddress: 1 });
  const first = connections.enter(one);
  const refused = { refused: 'as many connections as allowed are open of this address' };
  expect(connections.enter(one)).toEqual(refused);
  const second = connections.enter(other);
  if (together) expect(second).toEqual(refused);
  else expect(second).toHaveProperty('leave');
  if ('leave' in first) first.leave();
  expect(connections.enter(one)).toHaveProperty('leave');
});

it('are limited in all', () => {
  const connections = new Connections({ maxConnections: 1, maxConnectionsPerAddress: 10 });
  const first = connections.enter('192.0.2.1');
  expect(connections.enter('192.0.2.2')).toEqual({
    refused: 'as many connections as allowed are open in all',
  });
  if ('leave' in first) first.leave();
  expect(connections.enter('192.0.2.2')).toHaveProperty('leave');
});

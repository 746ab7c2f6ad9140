import { describe, expect, it } from 'vitest';
import type { RequestErrorCode } from '../../core/errors.ts';
import { GatewayError } from '../../core/errors.ts';
import { refusalOf, wireErrors } from './errors.ts';
import { parseFault } from './testkit/suite.ts';

const sentence = 'The sentence.';
const bodyOf = (error: GatewayError, family?: 'messages' | 'management'): unknown =>
  JSON.parse(refusalOf(error, family).body);

describe('refusalOf', () => {
  it.each(Object.entries(wireErrors))(
    '%s has a status and words',
    (code, { http, fault, text }) => {
      const refusal = refusalOf(new GatewayError(code as RequestErrorCode, sentence));
      expect(refusal.status).toBe(http);
      expect(refusal.contentType).toBe('application/json');
      const words = text ?? sentence;
      expect(JSON.parse(refusal.body)).toStrictEqual(
        fault ? { message: parseFault, details: [words] } : { message: words },
      );
    },
  );

  it('has a 5xx for what is our fault, and for nothing else', () => {
    const ours = Object.entries(wireErrors).flatMap(([code, { http }]) =>
      http < 500 ? [] : [code],
    );
    expect(ours.toSorted()).toEqual(['internal', 'overloaded', 'storage_unavailable']);
  });

  it('has a detail for each field, in the order in which they were found', () => {
    const faults = [
      { field: '/b', detail: 'one' },
      { field: '/a', detail: 'two.' },
      { field: '/b', detail: 'three.' },
      { field: '', detail: 'four' },
    ];
    expect(bodyOf(new GatewayError('invalid_request', 'one', { faults }))).toEqual({
      message: parseFault,
      details: ['/b: one, three.', '/a: two.', 'four'],
    });
  });

  it('speaks of a bad request where something is managed', () => {
    const bad = new GatewayError('invalid_request', sentence);
    expect(bodyOf(bad, 'management')).toEqual({ message: 'Bad Request', details: [sentence] });
    const none = new GatewayError('not_found', 'Entity not found');
    expect(bodyOf(none, 'management')).toEqual({ message: 'Entity not found' });
  });

  it('never says what was wrong on our side', () => {
    const inner = new GatewayError('internal', 'inner words', { cause: new Error('secret') });
    expect(refusalOf(inner).body).toBe(
      '{"message":"Something went wrong. Please try again later."}',
    );
  });

  it('ends a line for one error alone', () => {
    const forbidden = (field?: string) =>
      refusalOf(new GatewayError('forbidden', sentence, { field })).body;
    expect(forbidden()).toBe('{"message":"The sentence."}');
    expect(forbidden('Account')).toBe('{"message":"The sentence."}\n');
  });
});

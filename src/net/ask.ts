import type { HttpAnswer, HttpRequest } from './http-answer.ts';
import type { HttpClient } from './http-client.ts';

/** Takes the client by which everything leaves; gives what asks by it and knows an answer from none (`Ask`). */
export function askBy(
  http: Pick<HttpClient, 'request'>,
): (request: HttpRequest) => Promise<Extract<HttpAnswer, { kind: 'answered' }> | null> {
  return async (request) => {
    const answer = await http.request(request);
    return answer.kind === 'answered' ? answer : null;
  };
}

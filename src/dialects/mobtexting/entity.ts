import { GatewayError } from '../../core/errors.ts';
import type { Call } from './call.ts';

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a text can be an id at all. */
export const isId = (text: string): boolean => uuid.test(text);

export function noEntity(): GatewayError {
  return new GatewayError('not_found', 'Requested entity was not found.');
}

/** The id that the path names. @throws GatewayError `not_found` for what can be none. */
export function idIn<Id extends string>({ params }: Pick<Call, 'params'>, name = 'id'): Id {
  const id = params[name]?.toLowerCase() ?? '';
  if (!uuid.test(id)) throw noEntity();
  return id as Id;
}

/** What the core has not is said in this API's words. */
export async function found<T>(asked: Promise<T>): Promise<NonNullable<T>> {
  try {
    const one = await asked;
    if (one === null || one === undefined) throw noEntity();
    return one;
  } catch (error) {
    throw error instanceof GatewayError && error.code === 'not_found' ? noEntity() : error;
  }
}

/** The same where there is nothing to give. */
export async function ended(asked: Promise<void>): Promise<void> {
  await found(asked.then(() => true));
}

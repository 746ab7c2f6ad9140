import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stage } from '../testkit/stage.ts';
import { createStage } from '../testkit/stage.ts';

describe('parlance account', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await createStage();
  });
  afterEach(() => stage.close());

  it('x', async () => {
    await stage.did('account create shop --credit 12.5');
    console.log(await stage.run('account list'));
    console.log(await stage.run('account show shop'));
  });
});

/** What a client was told: it can hold the gateway to that. */
export interface Acknowledged {
  ids: string[];
  cost: number;
}

export interface Load {
  /** Answers other than 200 and 429, by status. */
  refused: Map<number, { count: number; retryAfter: string | null; body: string }>;
  /** Requests whose connection broke before they were answered. */
  broken(): number;
  /** Lets each client finish its request, and waits for all. */
  end(): Promise<void>;
}

/** As many requests as one account may have in flight. */
const clients = 5;
const pauseMs = 20;

/**
 * Clients of the demo account that post as fast as they are answered, each time to one of the URLs, until
 * they are ended. One whose gateway is gone goes on with the next.
 */
export function runLoad(
  urls: readonly string[],
  random: (below: number) => number,
  acknowledged: Acknowledged[],
): Load {
  const authorization = `Basic ${Buffer.from('user123:mypassword').toString('base64')}`;
  const refused: Load['refused'] = new Map();
  let broken = 0;
  const state = { ending: false };

  const post = async (url: string): Promise<void> => {
    const messages = Array.from({ length: 1 + random(20) }, () => ({
      to: `04${1_000_000 + random(8_999_999)}8`,
      message: random(5) === 0 ? 'A longer text. '.repeat(15) : 'Hello',
      sender: 'CompanyABC',
    }));
    const response = await fetch(`${url}/mobilemessage/v1/messages`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ messages }),
    });
    const text = await response.text();
    if (response.status === 429) return;
    if (response.status !== 200) {
      const count = (refused.get(response.status)?.count ?? 0) + 1;
      const retryAfter = response.headers.get('retry-after');
      refused.set(response.status, { count, retryAfter, body: text });
      // A client that is refused does not come again at once.
      await after(pauseMs);
      return;
    }
    const body = JSON.parse(text) as {
      total_cost: number;
      results: { status: string; message_id: string }[];
    };
    acknowledged.push({
      ids: body.results.filter((one) => one.status === 'success').map((one) => one.message_id),
      cost: body.total_cost,
    });
  };

  const client = async (): Promise<void> => {
    while (!state.ending) {
      try {
        await post(urls[random(urls.length)] as string);
      } catch (error) {
        // The connection broke, which a kill is for. Anything else is a failure.
        if (!(error instanceof TypeError)) throw error;
        broken += 1;
        await after(pauseMs);
      }
    }
  };
  const all = Promise.all(Array.from({ length: clients }, client));
  return {
    refused,
    broken: () => broken,
    end: async () => {
      state.ending = true;
      await all;
    },
  };
}

const after = (delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });

import type { DeliveryReport, Refusal, Reply } from 'messagemedia-messages-sdk';
import sdk from 'messagemedia-messages-sdk';
import moment from 'moment';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GatewayProcess } from '../support/gateway-process.ts';
import { gatewayAt } from '../support/gateway-process.ts';
import type { TestDatabase } from '../support/storage.ts';
import { createTestDatabase } from '../support/storage.ts';
import { waitUntil } from '../support/wait-until.ts';
import type { WebhookReceiver } from '../support/webhook-receiver.ts';
import { startReceiver } from '../support/webhook-receiver.ts';

// The vendor's published client, with another base URL, against the demo as its user starts it.

const { Configuration, MessagesController, RepliesController, DeliveryReportsController } = sdk;
/** Numbers that end so are delivered; and delivered, with a reply "Yes" (docs/transports/sandbox.md). */
const delivered = '+61491570158';
const replies = '+61491570150';

let database: TestDatabase;
let gateway: GatewayProcess;
let receiver: WebhookReceiver;
beforeAll(async () => {
  database = await createTestDatabase();
  receiver = await startReceiver();
  gateway = await gatewayAt(database.place).start(['--demo'], {
    PARLANCE_SMPP_SERVER_PORT: '0',
    PARLANCE_LINKS: JSON.stringify({
      sandbox: { transport: 'sandbox', settings: { receiptDelayMs: 5 } },
    }),
    PARLANCE_LOG_LEVEL: 'info',
  });
}, 60_000);
afterAll(async () => {
  await gateway.kill();
  await receiver.close();
  await database.drop();
});

const send = (...messages: object[]) => {
  const body = new sdk.SendMessagesRequest();
  body.messages = messages.map((fields) => new sdk.Message(fields));
  return MessagesController.sendMessages(body);
};

async function sendOne(fields: object): Promise<string> {
  const { messages } = await send(fields);
  expect(messages).toHaveLength(1);
  expect(messages[0]?.status).toBe('queued');
  expect(messages[0]?.messageId).toMatch(/^[0-9a-f-]{36}$/);
  return messages[0]?.messageId ?? '';
}

/** What a call is refused with. */
async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (error) {
    return error as Refusal;
  }
  throw new Error('it was not refused');
}

const statusOf = async (id: string): Promise<string | undefined> =>
  (await MessagesController.getMessageStatus(id)).status;

/** Polls until there is what is waited for, as a client does. */
async function reportsOf(id: string, statuses: readonly string[]): Promise<DeliveryReport[]> {
  let found: DeliveryReport[] = [];
  await waitUntil('reports', async () => {
    const { deliveryReports } = await DeliveryReportsController.checkDeliveryReports();
    found = deliveryReports.filter(({ messageId }) => messageId === id);
    return statuses.every((wanted) => found.some(({ status }) => status === wanted));
  });
  return found;
}

async function replyTo(id: string): Promise<Reply> {
  let reply: Reply | undefined;
  await waitUntil('a reply', async () => {
    reply = (await RepliesController.checkReplies()).replies.find((one) => one.messageId === id);
    return reply !== undefined;
  });
  return reply as Reply;
}

describe.each([
  ['Basic', { basicAuthUserName: 'demo-key', basicAuthPassword: 'demo-secret' }],
  ['HMAC', { hmacAuthUserName: 'demo-key', hmacAuthPassword: 'demo-secret' }],
])('messagemedia-messages-sdk with %s', (way, keys) => {
  beforeAll(() => {
    Object.assign(Configuration, {
      BASEURI: `${gateway.url}/messagemedia`,
      basicAuthUserName: 'nobody',
      basicAuthPassword: 'nothing',
      hmacAuthUserName: '',
      hmacAuthPassword: '',
      ...keys,
    });
  });

  it('sends a text and asks what became of it', async () => {
    const id = await sendOne({ content: 'My first message', destinationNumber: delivered });
    await waitUntil('the delivery', async () => (await statusOf(id)) === 'delivered');
    expect(await MessagesController.getMessageStatus(id)).toMatchObject({
      format: 'SMS',
      content: 'My first message',
      messageId: id,
      destinationNumber: delivered,
    });
  });

  it('sends a text with everything, in every script', async () => {
    const fields = {
      content: `Grüße, 你好 👍 (${way})`,
      destinationNumber: delivered,
      callbackUrl: `${receiver.url}/callback`,
      deliveryReport: true,
      format: 'SMS',
      metadata: { key1: 'value1', key2: 'value2' },
      messageExpiryTimestamp: moment(Date.parse('2030-11-03T11:49:02.807Z')),
      scheduled: moment(Date.parse('2016-11-03T11:49:02.807Z')),
      sourceNumber: '+61491570157',
      sourceNumberType: 'INTERNATIONAL',
    };
    const { messages } = await send(fields);
    const { messageExpiryTimestamp: _, scheduled: __, ...rest } = fields;
    expect(messages).toMatchObject([rest]);
    expect(JSON.parse(JSON.stringify(messages[0]))).toMatchObject({
      message_expiry_timestamp: expect.stringContaining('2030-11-03') as string,
      scheduled: expect.stringContaining('2016-11-03') as string,
    });
  });

  it('sends a picture', async () => {
    const fields = {
      content: 'My second message',
      destinationNumber: delivered,
      format: 'MMS',
      media: ['https://images.example/photos/1018350.jpeg?cs=srgb&dl=city.jpg'],
      subject: 'This is an MMS message',
    };
    const { messages } = await send(fields);
    expect(messages).toMatchObject([fields]);
    const id = messages[0]?.messageId ?? '';
    await waitUntil('the delivery', async () => (await statusOf(id)) === 'delivered');
  });

  it('sends a hundred at once, and none of a hundred and one', async () => {
    const one = { content: 'One of many', destinationNumber: delivered };
    const { messages } = await send(...Array.from({ length: 100 }, () => one));
    expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(100);
    const refusal = await refusalOf(send(...Array.from({ length: 101 }, () => one)));
    expect(refusal.errorCode).toBe(400);
  });

  it('is told of each step of a message, until it confirms', async () => {
    const id = await sendOne({
      content: `Report ${way}`,
      destinationNumber: delivered,
      deliveryReport: true,
      metadata: { order: '7' },
    });
    const reports = await reportsOf(id, ['enroute', 'submitted', 'delivered']);
    expect(reports.map(({ status }) => status)).toEqual(['enroute', 'submitted', 'delivered']);
    expect(reports[0]).toMatchObject({
      sourceNumber: delivered,
      originalText: `Report ${way}`,
      metadata: { order: '7' },
      delay: 0,
      vendorAccountId: { vendorId: 'MessageMedia' },
    });
    const body = new sdk.ConfirmDeliveryReportsAsReceivedRequest();
    body.deliveryReportIds = reports.map(({ deliveryReportId }) => deliveryReportId);
    await DeliveryReportsController.confirmDeliveryReportsAsReceived(body);
    const { deliveryReports } = await DeliveryReportsController.checkDeliveryReports();
    expect(deliveryReports.filter(({ messageId }) => messageId === id)).toEqual([]);
  });

  it('is told of a reply, until it confirms', async () => {
    const id = await sendOne({
      content: 'Will you come?',
      destinationNumber: replies,
      metadata: { question: way },
    });
    const reply = await replyTo(id);
    expect(reply).toMatchObject({
      content: 'Yes',
      sourceNumber: replies,
      metadata: { question: way },
    });
    const body = new sdk.ConfirmRepliesAsReceivedRequest();
    body.replyIds = [reply.replyId];
    await RepliesController.confirmRepliesAsReceived(body);
    const left = (await RepliesController.checkReplies()).replies;
    expect(left.filter(({ replyId }) => replyId === reply.replyId)).toEqual([]);
  });

  it('takes a scheduled message back, once', async () => {
    const id = await sendOne({
      content: 'Later',
      destinationNumber: delivered,
      scheduled: moment(Date.now() + 3600_000),
    });
    expect(await statusOf(id)).toBe('scheduled');
    const body = new sdk.CancelScheduledMessageRequest();
    body.status = 'cancelled';
    expect(await MessagesController.cancelScheduledMessage(id, body)).toMatchObject({
      message_id: id,
      status: 'cancelled',
    });
    expect(await statusOf(id)).toBe('cancelled');
    const again = await refusalOf(MessagesController.cancelScheduledMessage(id, body));
    expect(again).toMatchObject({ errorCode: 400, errorMessage: 'Request was invalid' });
  });

  it('asks for its credits', async () => {
    const credits = (await MessagesController.checkCreditsRemaining()) as object;
    expect(credits).toMatchObject({ remaining_credits: expect.any(Number) as number });
  });

  it('has its own errors for what is refused', async () => {
    const bad = await refusalOf(send({ content: 'x', destinationNumber: 'abc' }));
    expect(bad.errorCode).toBe(400);
    expect(bad.errorResponse).toBeInstanceOf(sdk.SendMessages400ResponseException);
    expect((bad.errorResponse as { message: string }).message).toBe(
      'Request failed to parse correctly. Please ensure input is valid and try again.',
    );
    const nothing = '00000000-0000-0000-0000-000000000000';
    expect(await refusalOf(MessagesController.getMessageStatus(nothing))).toMatchObject({
      errorMessage: 'Resource not found',
      errorCode: 404,
    });
    const body = new sdk.CancelScheduledMessageRequest();
    body.status = 'cancelled';
    expect(await refusalOf(MessagesController.cancelScheduledMessage(nothing, body))).toMatchObject(
      { errorMessage: 'Message not found', errorCode: 404 },
    );
  });

  it('has one for wrong keys', async () => {
    const name = 'hmacAuthUserName' in keys ? 'hmacAuthPassword' : 'basicAuthPassword';
    Configuration[name] = 'wrong';
    try {
      for (const call of [
        () => MessagesController.checkCreditsRemaining(),
        () => send({ content: 'x', destinationNumber: delivered }),
        () => RepliesController.checkReplies(),
        () => DeliveryReportsController.checkDeliveryReports(),
      ]) {
        expect(await refusalOf(call())).toMatchObject({
          errorMessage: 'HTTP Response Not OK',
          errorCode: 401,
          errorResponse: '{"message":"Invalid authentication credentials"}',
        });
      }
    } finally {
      Configuration[name] = 'demo-secret';
    }
  });
});

import fc from 'fast-check';
import { createClientAsync } from 'soap';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../../../test/support/world.ts';
import { createWorld } from '../../../../test/support/world.ts';
import { Client } from '../testkit/client.ts';
import { escapeXml, readEnvelope, writeEnvelope } from './envelope.ts';

let world: World;
let client: Client;
let wsdl: string;
beforeAll(async () => {
  world = await createWorld();
  client = new Client(world, await world.account({ dialect: 'smsmobileapi', kind: 'api_key' }));
  wsdl = `${await world.listen()}/smsmobileapi/sendsms/wsdl/sendsms.wsdl`;
});
afterAll(() => world.close());

const path = '/sendsms/wsdl/sendsms.wsdl';
const post = (payload: string | Buffer) => client.ask({ method: 'POST', url: path, payload });
/** What a client sends, without the line that declares its character set. */
const envelope = (message: string): string =>
  writeEnvelope(
    '1.1',
    `<m:sendSms xmlns:m="urn:m"><recipients>+61491570156</recipients><message>${message}</message>` +
      `<apikey>${escapeXml(client.account.password)}</apikey></m:sendSms>`,
  ).replace(/^<\?xml.*\n/, '');
const textOf = (body: string): string => /<faultstring>([^<]*)</.exec(body)?.[1] ?? '';

describe('the WSDL', () => {
  it('leads a client to its operation', async () => {
    const soap = await createClientAsync(wsdl);
    expect(soap.describe()).toEqual({
      sendsms: {
        sendsmsPort: {
          sendSms: {
            input: {
              recipients: 'xsd:string',
              message: 'xsd:string',
              apikey: 'xsd:string',
              sendwa: 'xsd:string',
              sendsms: 'xsd:string',
            },
            output: { return: 'xsd:string' },
          },
        },
      },
    });
  });

  it('names the place where it was found', async () => {
    const at = async (host: string, publicUrl?: string) => {
      const other = publicUrl ? await createWorld({ publicUrl }) : world;
      const request = {
        method: 'GET' as const,
        url: `/smsmobileapi${path}?wsdl`,
        headers: { host },
      };
      const { body } = await other.inject(request);
      if (other !== world) await other.close();
      return /<soap:address location="([^"]*)"/.exec(body)?.[1];
    };
    expect(await at('api.example')).toBe(`https://api.example/smsmobileapi${path}`);
    expect(await at('10.0.0.1:8080', 'http://10.0.0.1:8080')).toBe(
      `http://10.0.0.1:8080/smsmobileapi${path}`,
    );
    expect(await at('"><x>')).toBe(`https://sms.example/smsmobileapi${path}`);
  });
});

describe('sendSms', () => {
  it('sends, called by the npm package soap, as the seed’s sample calls it', async () => {
    const soap = await createClientAsync(wsdl);
    const message = 'Grüße & <tags> "quoted" 👋';
    const [answer] = (await soap['sendSmsAsync']({
      recipients: '+61491570156',
      message,
      apikey: client.account.password,
    })) as [{ return: unknown }];
    const text =
      typeof answer.return === 'string'
        ? answer.return
        : (answer.return as { $value: string }).$value;
    expect(JSON.parse(text)).toMatchObject({
      result: { error: 0, sent: '1', note: 'sent by mobile' },
    });
    await world.clock.advance(10);
    expect(world.link.sent.at(-1)?.wholeText).toBe(message);
  });

  it('tells what is wrong in what it returns', async () => {
    const soap = await createClientAsync(wsdl);
    const call = async (parameters: object) => {
      const [answer] = (await soap['sendSmsAsync'](parameters)) as [
        { return: string | { $value: string } },
      ];
      const text = typeof answer.return === 'string' ? answer.return : answer.return.$value;
      return (JSON.parse(text) as { result: { error: unknown } }).result.error;
    };
    const apikey = client.account.password;
    expect(await call({ recipients: '+61491570156', message: 'x', apikey: 'wrong' })).toBe(1);
    expect(await call({ recipients: '+61491570156', apikey })).toBe(
      'Missing required parameter: message',
    );
    expect(await call({ recipients: 'nobody', message: 'x', apikey })).toBe(
      "'nobody' is not a phone number.",
    );
  });

  it.each([
    [
      'SOAP 1.1, RPC',
      'http://schemas.xmlsoap.org/soap/envelope/',
      '<n:sendSms xmlns:n="urn:sendsms">',
    ],
    [
      'SOAP 1.1, document',
      'http://schemas.xmlsoap.org/soap/envelope/',
      '<sendSms xmlns="urn:other">',
    ],
    ['SOAP 1.2', 'http://www.w3.org/2003/05/soap-envelope', '<sendSms>'],
  ])('is understood in %s', async (_name, namespace, opening) => {
    const end = opening.startsWith('<n:') ? '</n:sendSms>' : '</sendSms>';
    const { status, body, headers } = await post(
      `<?xml version="1.0"?><e:Envelope xmlns:e="${namespace}"><e:Header><x>1</x></e:Header><e:Body>${opening}` +
        `<recipients>+61491570156</recipients><message>a &amp; b &#x1F44B;<![CDATA[ <c>]]></message>` +
        `<apikey>${client.account.password}</apikey><sendwa xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>` +
        `${end}</e:Body></e:Envelope>`,
    );
    expect(status).toBe(200);
    expect(body).toContain(`xmlns:soap="${namespace}"`);
    expect(String(headers['content-type'])).toMatch(
      namespace.endsWith('envelope/') ? /^text\/xml/ : /^application\/soap\+xml/,
    );
    await world.clock.advance(10);
    expect(world.link.sent.at(-1)?.wholeText).toBe('a & b 👋 <c>');
  });

  const around = (body: string): string =>
    `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>${body}</e:Body></e:Envelope>`;
  it.each([
    ['nothing', '', /missing/],
    ['no XML', 'apikey=x', /not well-formed/],
    ['no envelope', '<a/>', /no SOAP envelope/],
    ['an envelope cut short', around('<sendSms>').slice(0, -30), /not well-formed/],
    ['another operation', around('<eraseAll/>'), /no operation 'eraseAll'/],
    ['no operation', around(''), /no call/],
    ['two operations', around('<sendSms/><sendSms/>'), /one call/],
    ['a DTD', `<!DOCTYPE a [<!ENTITY b "c">]>${around('<sendSms/>')}`, /no DTD/],
    [
      'an outside entity',
      `<!DOCTYPE a SYSTEM "file:///etc/passwd">${around('<sendSms/>')}`,
      /no DTD/,
    ],
    [
      'an entity of HTML',
      around('<sendSms><message>&nbsp;</message></sendSms>'),
      /not well-formed/,
    ],
    ['a prefix of nobody', around('<x:sendSms/>'), /not well-formed/],
    ['too many levels', around('<a>'.repeat(50)), /too deeply/],
  ])('answers %s with a fault of the client', async (_name, body, words) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('<faultcode>soap:Client</faultcode>');
    expect(textOf(answer.body)).toMatch(words);
  });

  it('reads what PHP writes in Latin-1, where it says so', async () => {
    const text = `<?xml version="1.0" encoding="ISO-8859-1"?>${envelope('Grüße')}`;
    for (const payload of [Buffer.from(text, 'latin1'), text]) {
      expect((await post(payload)).status).toBe(200);
      await world.clock.advance(100);
      expect(world.link.sent.at(-1)?.text).toBe('Grüße');
    }
    const other = text.replace('ISO-8859-1', 'windows-1251');
    expect((await post(Buffer.from(other, 'latin1'))).status).toBe(400);
    expect((await post(Buffer.from(envelope('é'), 'latin1'))).status).toBe(400);
  });

  it('refuses what is no UTF-8, and other methods', async () => {
    expect((await post(Buffer.from([0x3c, 0xff, 0xfe]))).status).toBe(400);
    const put = await client.ask({ method: 'PUT', url: path });
    expect(put.status).toBe(405);
    expect(put.headers['allow']).toBe('GET, HEAD, POST');
  });

  it('whatever comes, has an answer that is no fault of ours', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '<',
        '>',
        '&',
        '</',
        '/>',
        '<e:Body>',
        '<sendSms>',
        '<!--',
        ']]>',
        '<![CDATA[',
        '<?',
        '="',
      ),
      fc.string({ unit: 'binary', maxLength: 10 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 20 }), fc.boolean(), async (pieces, whole) => {
        const text = pieces.join('').toWellFormed();
        const answer = await post(whole ? around(text) : text);
        expect([200, 400]).toContain(answer.status);
        expect(answer.body).toMatch(/<soap:(Envelope|Fault)/);
      }),
      { numRuns: 500 },
    );
  });
});

it('an envelope reads back what was written', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const written = writeEnvelope(
        '1.1',
        `<sendSms><message>${escapeXml(text)}</message></sendSms>`,
      );
      const read = readEnvelope(written).parameters.get('message');
      // A line break is one character in XML, whichever it was, and what XML has not is replaced.
      const clean = text
        .toWellFormed()
        // oxlint-disable-next-line no-control-regex -- as in `escapeXml`
        .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
      expect(read?.replaceAll('\r\n', '\n').replaceAll('\r', '\n')).toBe(
        clean.replaceAll('\r\n', '\n').replaceAll('\r', '\n'),
      );
    }),
  );
});

import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GatewayError } from '../../../core/errors.ts';
import type { DialectContext, Refusal } from '../../dialect.ts';
import { addErrorHandler } from '../../shared/error-handler.ts';
import { authenticate } from '../auth.ts';
import { charsetOfXml, decodeText } from '../../shared/charset.ts';
import { refusalOf, wireErrors } from '../errors.ts';
import { Fields } from '../fields.ts';
import { sendSms } from '../send.ts';
import { settingsOf } from '../settings.ts';
import type { SoapCall, SoapVersion } from './envelope.ts';
import { escapeXml, readEnvelope, writeEnvelope, writeFault } from './envelope.ts';
import { operationName, serviceNamespace, writeWsdl } from './wsdl.ts';

/** Where the description is, and where the operation is called (seed, SOAP). */
const wsdlPath = '/sendsms/wsdl/sendsms.wsdl';

const contentTypes: Record<SoapVersion, string> = {
  '1.1': 'text/xml; charset=utf-8',
  '1.2': 'application/soap+xml; charset=utf-8',
};

/** Adds the WSDL and its one operation: RPC, whose answer is the JSON text of `/sendsms/`. */
export function addSoap(parent: FastifyInstance, context: DialectContext): void {
  // Of its own, since it refuses in its own form.
  void parent.register(async (server) => {
    addErrorHandler(server, (error) => faultOf(error, '1.1'));
    server.get(wsdlPath, (request, reply) =>
      reply
        .headers({ 'content-type': contentTypes['1.1'], 'cache-control': 'no-store' })
        .send(writeWsdl(locationOf(request, context.publicUrl))),
    );
    server.post(wsdlPath, async (request, reply) => {
      const call = readCall(request.body as Buffer | undefined);
      const body = writeEnvelope(call.version, resultOf(await answer(call, request, context)));
      return reply.header('content-type', contentTypes[call.version]).send(body);
    });
    server.route({
      method: ['PUT', 'PATCH', 'DELETE'],
      url: wsdlPath,
      handler: (_request, reply) => {
        reply.header('allow', 'GET, HEAD, POST');
        throw new GatewayError('method_not_allowed', 'Only GET and POST are allowed.');
      },
    });
  });
}

function readCall(body: Buffer | undefined): SoapCall {
  const charset = body && charsetOfXml(body);
  // Where nothing is declared it is UTF-8 (XML 1.0, section 4.3.3).
  if (!body || (charset === null && !isUtf8(body))) {
    throw new GatewayError('invalid_request', 'The envelope is missing, or no UTF-8 text.');
  }
  const call = readEnvelope(decodeText(body, charset ?? null).replace(/^\ufeff/, ''));
  if (call.operation !== operationName) {
    throw new GatewayError('invalid_request', `There is no operation '${call.operation}'.`);
  }
  return call;
}

/** As `/sendsms/` answers: also what it refuses, since clients of this form read what they are returned. */
async function answer(
  { parameters }: SoapCall,
  request: FastifyRequest,
  context: DialectContext,
): Promise<string> {
  const fields = new Fields(parameters);
  try {
    const caller = await authenticate(context.gateway, request, fields);
    const settings = settingsOf(caller.view);
    return JSON.stringify(await sendSms({ caller, settings, fields }, context));
  } catch (error) {
    if (!(error instanceof GatewayError) || wireErrors[error.code].http >= 404) throw error;
    return refusalOf(error).body;
  }
}

function resultOf(json: string): string {
  return (
    `<ns1:${operationName}Response xmlns:ns1="${serviceNamespace}">` +
    `<return xsi:type="xsd:string">${escapeXml(json)}</return></ns1:${operationName}Response>`
  );
}

/** SOAP 1.1 has 500 for every fault; what is the client's stays a status of the client's, so that nobody tries again. */
function faultOf(error: GatewayError, version: SoapVersion): Refusal {
  const { http, text } = wireErrors[error.code];
  return {
    status: http,
    contentType: contentTypes[version],
    body: writeFault(version, http >= 500 ? 'server' : 'client', text ?? error.detail),
  };
}

/**
 * Where its client has found it. Where the public URL has TLS, a proxy does that, and it does so for other names as well;
 * who comes by an address is not behind it.
 */
function locationOf(request: FastifyRequest, publicUrl: string): string {
  const own = new URL(publicUrl);
  const path = request.originalUrl.replace(/[?#].*$/s, '').replace(/\/+$/, '');
  const host = /^[\w.:[\]-]+$/.test(request.host) ? request.host : own.host;
  const named = !/^(?:[\d.]+|\[.*\]|localhost)(?::\d+)?$/.test(host);
  const protocol = named && own.protocol === 'https:' ? own.protocol : `${request.protocol}:`;
  return `${protocol}//${host}${path}`;
}

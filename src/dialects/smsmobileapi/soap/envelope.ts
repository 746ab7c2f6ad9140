import sax from 'sax';
import { GatewayError } from '../../../core/errors.ts';

/** The two versions of SOAP, by the namespace of their envelopes. */
const versions = {
  'http://schemas.xmlsoap.org/soap/envelope/': '1.1',
  'http://www.w3.org/2003/05/soap-envelope': '1.2',
} as const;
export type SoapVersion = (typeof versions)[keyof typeof versions];
type Namespace = keyof typeof versions;

/** What a client calls, with the texts that it gives. */
export interface SoapCall {
  version: SoapVersion;
  operation: string;
  parameters: ReadonlyMap<string, string>;
}

/** Entities: the five of XML, and no name of HTML. */
const options: sax.SAXOptions & { strictEntities: true } = {
  xmlns: true,
  strictEntities: true,
  position: false,
};
const deepest = 20;
const mostParameters = 50;
const nil = 'http://www.w3.org/2001/XMLSchema-instance';

/**
 * Reads the call of an envelope: the first element of its body, and the text of each of that one's children, whatever
 * their namespaces, since clients in RPC and document style write them differently. There is no DTD, so no entity but
 * those of XML itself, and nothing is fetched.
 * @throws GatewayError `invalid_request` for anything else.
 */
export function readEnvelope(text: string): SoapCall {
  const parser = sax.parser(true, options);
  const path: { uri: string; local: string }[] = [];
  const parameters = new Map<string, string>();
  let version: SoapVersion | undefined;
  let operation: string | undefined;
  let value: string | undefined;
  const fail = (detail: string): never => {
    throw new GatewayError('invalid_request', detail);
  };

  const open = ({ uri, local, attributes }: sax.QualifiedTag): void => {
    path.push({ uri, local });
    const depth = path.length;
    if (depth > deepest) fail('The envelope is nested too deeply.');
    if (depth === 1) {
      version = versions[uri as Namespace];
      if (local !== 'Envelope' || !version) fail('This is no SOAP envelope.');
    } else if (isCall(path, 3)) {
      if (operation !== undefined) fail('An envelope holds one call.');
      operation = local;
    } else if (isCall(path, 4)) {
      const isNil = Object.values(attributes).some(
        (one) => one.uri === nil && one.local === 'nil' && /^(true|1)$/.test(one.value),
      );
      value = isNil ? undefined : '';
    }
  };
  const add = (more: string): void => {
    if (value !== undefined && path.length === 4) value += more;
  };
  const close = (): void => {
    const closed = path.at(-1);
    if (closed && isCall(path, 4) && value !== undefined) {
      if (parameters.size >= mostParameters) fail('The call has too many parameters.');
      parameters.set(closed.local, value);
    }
    if (path.length === 4) value = undefined;
    path.pop();
  };
  Object.assign(parser, {
    onerror: () => fail('The envelope is not well-formed XML.'),
    ondoctype: () => fail('An envelope has no DTD.'),
    onopentag: open,
    ontext: add,
    oncdata: add,
    onclosetag: close,
  });
  parser.write(text).close();
  if (!version || operation === undefined) return fail('The envelope holds no call.');
  return { version, operation, parameters };
}

/** Is the innermost element at this depth of a body? */
function isCall(path: readonly { local: string }[], depth: number): boolean {
  return path.length === depth && path[1]?.local === 'Body';
}

const characters: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** A text as it may stand in an element or an attribute; what XML cannot hold is replaced. */
export function escapeXml(text: string): string {
  return (
    text
      .toWellFormed()
      // oxlint-disable-next-line no-control-regex -- those that XML 1.0 has not (section 2.2)
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replaceAll(/[&<>"]/g, (one) => characters[one] ?? one)
  );
}

/** An envelope of the version, around a body. */
export function writeEnvelope(version: SoapVersion, body: string): string {
  const [uri] = Object.entries(versions).find(([, one]) => one === version) ?? [''];
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n<soap:Envelope xmlns:soap="${uri}"` +
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">' +
    `<soap:Body>${body}</soap:Body></soap:Envelope>`
  );
}

/** @param whose fault it was: the client's, or ours. */
export function writeFault(version: SoapVersion, whose: 'client' | 'server', text: string): string {
  const words = escapeXml(text);
  if (version === '1.1') {
    const code = whose === 'client' ? 'Client' : 'Server';
    return writeEnvelope(
      version,
      `<soap:Fault><faultcode>soap:${code}</faultcode><faultstring>${words}</faultstring></soap:Fault>`,
    );
  }
  const code = whose === 'client' ? 'Sender' : 'Receiver';
  return writeEnvelope(
    version,
    `<soap:Fault><soap:Code><soap:Value>soap:${code}</soap:Value></soap:Code>` +
      `<soap:Reason><soap:Text xml:lang="en">${words}</soap:Text></soap:Reason></soap:Fault>`,
  );
}

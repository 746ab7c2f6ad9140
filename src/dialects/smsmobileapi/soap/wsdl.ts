import { escapeXml } from './envelope.ts';

/** Of the operation's elements. */
export const serviceNamespace = 'urn:sendsms';
export const operationName = 'sendSms';

/** Those of the seed's sample, then what `/sendsms/` has beside them; all of them texts. */
const parameterNames = ['recipients', 'message', 'apikey', 'sendwa', 'sendsms'] as const;

/**
 * The service's description: WSDL 1.1, RPC with encoding, the one form in which the seed's client (NuSOAP) takes named
 * parameters as its sample gives them. The vendor's own was not found anywhere (reference B.5).
 * @param location where the operation is called.
 */
export function writeWsdl(location: string): string {
  const inputs = parameterNames
    .map((name) => `    <part name="${name}" type="xsd:string"/>`)
    .join('\n');
  const body = `<soap:body use="encoded" namespace="${serviceNamespace}" encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"/>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<definitions name="sendsms" targetNamespace="${serviceNamespace}" xmlns="http://schemas.xmlsoap.org/wsdl/"
    xmlns:tns="${serviceNamespace}" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <message name="sendSmsRequest">
${inputs}
  </message>
  <message name="sendSmsResponse">
    <part name="return" type="xsd:string"/>
  </message>
  <portType name="sendsmsPortType">
    <operation name="${operationName}">
      <documentation>Sends an SMS. The answer is that of /sendsms/, as JSON text.</documentation>
      <input message="tns:sendSmsRequest"/>
      <output message="tns:sendSmsResponse"/>
    </operation>
  </portType>
  <binding name="sendsmsBinding" type="tns:sendsmsPortType">
    <soap:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="${operationName}">
      <soap:operation soapAction="${serviceNamespace}#${operationName}" style="rpc"/>
      <input>${body}</input>
      <output>${body}</output>
    </operation>
  </binding>
  <service name="sendsms">
    <port name="sendsmsPort" binding="tns:sendsmsBinding">
      <soap:address location="${escapeXml(location)}"/>
    </port>
  </service>
</definitions>
`;
}

/** What came is no HTTP/1 response. The message quotes nothing of it. */
export class ProtocolError extends Error {}

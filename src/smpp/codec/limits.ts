/** The header that begins every PDU: length, command id, status, sequence number (SMPP 3.4, 3.2). */
export const headerOctets = 16;

/**
 * The longest PDU that is written or read: 64 KiB for a `message_payload`, the longest that a TLV
 * can hold, and as much again for everything else.
 */
export const mostPduOctets = 128 * 1024;

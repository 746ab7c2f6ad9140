/** The part of the npm package `messagemedia-messages-sdk` 2.0.3 that the tests call; the package has no types of its own. */
declare module 'messagemedia-messages-sdk' {
  /** Of the module, not of a client: all of a process share it. */
  const Configuration: {
    BASEURI: string;
    basicAuthUserName: string;
    basicAuthPassword: string;
    /** Where it is not empty, requests are signed. */
    hmacAuthUserName: string;
    hmacAuthPassword: string;
  };

  /** What its promises are rejected with. */
  interface Refusal {
    errorMessage: string;
    errorCode: number;
    /** The body; of a refused send an exception that the body was mapped to. */
    errorResponse: string | SendMessages400ResponseException;
  }

  class Message {
    constructor(fields?: object | null);
    callbackUrl?: string;
    content?: string;
    destinationNumber?: string;
    deliveryReport?: boolean;
    format?: string;
    messageExpiryTimestamp?: Date;
    metadata?: object;
    scheduled?: Date;
    sourceNumber?: string;
    sourceNumberType?: string;
    messageId?: string;
    status?: string;
    media?: string[];
    subject?: string;
  }
  class SendMessagesRequest {
    messages?: Message[];
  }
  class CancelScheduledMessageRequest {
    status?: string;
  }
  class ConfirmRepliesAsReceivedRequest {
    replyIds?: string[];
  }
  class ConfirmDeliveryReportsAsReceivedRequest {
    deliveryReportIds?: string[];
  }
  class SendMessages400ResponseException {
    message: string;
    reason: string;
  }
  interface VendorAccountId {
    vendorId: string;
    accountId: string;
  }
  interface Reply {
    metadata: object;
    messageId: string;
    replyId: string;
    dateReceived: unknown;
    callbackUrl: string;
    destinationNumber: string;
    sourceNumber: string;
    vendorAccountId: VendorAccountId;
    content: string;
  }
  interface DeliveryReport {
    callbackUrl: string;
    deliveryReportId: string;
    sourceNumber: string;
    dateReceived: unknown;
    status: string;
    delay: number;
    submittedDate: unknown;
    originalText: string;
    messageId: string;
    vendorAccountId: VendorAccountId;
    metadata: object;
  }

  const MessagesController: {
    sendMessages(body: SendMessagesRequest): Promise<{ messages: Message[] }>;
    getMessageStatus(messageId: string): Promise<Message>;
    cancelScheduledMessage(
      messageId: string,
      body: CancelScheduledMessageRequest,
    ): Promise<unknown>;
    checkCreditsRemaining(): Promise<unknown>;
  };
  const RepliesController: {
    checkReplies(): Promise<{ replies: Reply[] }>;
    confirmRepliesAsReceived(body: ConfirmRepliesAsReceivedRequest): Promise<unknown>;
  };
  const DeliveryReportsController: {
    checkDeliveryReports(): Promise<{ deliveryReports: DeliveryReport[] }>;
    confirmDeliveryReportsAsReceived(
      body: ConfirmDeliveryReportsAsReceivedRequest,
    ): Promise<unknown>;
  };

  const sdk: {
    Configuration: typeof Configuration;
    Message: typeof Message;
    SendMessagesRequest: typeof SendMessagesRequest;
    CancelScheduledMessageRequest: typeof CancelScheduledMessageRequest;
    ConfirmRepliesAsReceivedRequest: typeof ConfirmRepliesAsReceivedRequest;
    ConfirmDeliveryReportsAsReceivedRequest: typeof ConfirmDeliveryReportsAsReceivedRequest;
    SendMessages400ResponseException: typeof SendMessages400ResponseException;
    MessagesController: typeof MessagesController;
    RepliesController: typeof RepliesController;
    DeliveryReportsController: typeof DeliveryReportsController;
  };
  export default sdk;
  export type { DeliveryReport, Message, Refusal, Reply };
}

import type { Endpoint } from './call.ts';
import { listConversations } from './conversations.ts';
import { deleteSms } from './erase.ts';
import { listFromMobile } from './from-mobile.ts';
import { deleteMobile, listMobiles, updateMobile } from './mobiles.ts';
import { listReceived, markRead, updateReceived } from './received.ts';
import { resend } from './resend.ts';
import { sendSms } from './send.ts';
import { listSent } from './sent-log.ts';
import { unavailable } from './unavailable.ts';

/** All of the API (reference B.2) but the token and SOAP, which have forms of their own. */
export const endpoints: readonly Endpoint[] = [
  { path: '/sendsms', family: 'result', changes: true, handle: sendSms },
  { path: '/resend', family: 'result', changes: true, handle: resend },
  { path: '/log/sent/sms', family: 'result', handle: listSent },
  { path: '/log/sent/frommobile', family: 'result', handle: listFromMobile },
  { path: '/getsms', family: 'result', handle: listReceived },
  { path: '/getsms/set-read', family: 'result', changes: true, handle: markRead },
  { path: '/getsms/update', family: 'result', changes: true, handle: updateReceived },
  { path: '/deletesms', family: 'result', changes: true, handle: deleteSms },
  { path: '/conversation/sms/list', family: 'success', handle: listConversations },
  { path: '/gateway/mobile/list', family: 'result', handle: listMobiles },
  { path: '/gateway/mobile/update', family: 'result', changes: true, handle: updateMobile },
  { path: '/gateway/mobile/delete', family: 'result', changes: true, handle: deleteMobile },
  ...unavailable,
];

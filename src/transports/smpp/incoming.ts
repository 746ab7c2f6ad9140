import type { LinkId } from '../../core/ids.ts';
import type { LinkHost, ReceiptNews, ReplyNews } from '../../core/ports/transport.ts';
import type { PduOf } from '../../smpp/codec/pdu.ts';
import { statuses } from '../../smpp/codec/statuses.ts';
import type { Reply } from '../../smpp/session.ts';
import type { UserData } from '../../smpp/user-data.ts';
import { alphabetOf, readUserData } from '../../smpp/user-data.ts';
import type { Alphabet } from '../../text/alphabets.ts';
import { decodeText } from '../../text/alphabets.ts';
import type { Country } from '../../text/phone-number.ts';
import { unpackSeptets } from '../../text/septets.ts';
import type { TransportContext } from '../transport.ts';
import { isLocalForm, numberOf } from './addresses.ts';
import { BindLog } from './bind-log.ts';
import { enough, IdForms } from './id-forms.ts';
import { receiptTextOf } from './receipt-text.ts';
import { isReceipt, kindMask, readReceipt } from './receipts.ts';
import type { SmppSettings } from './settings.ts';

type Delivery = PduOf<'deliver_sm'> | PduOf<'data_sm'>;

/** A receipt with its id as the carrier wrote it. */
type UnreadReceipt = Omit<ReceiptNews, 'upstreamId' | 'otherIds'> & { id: string };

/**
 * What the carrier delivers: receipts and replies. Each is answered after the gateway has it on disk, and
 * with a temporary error where it could not be written, so that the carrier brings it again.
 */
export class Incoming {
  readonly #linkId: LinkId;
  readonly #settings: SmppSettings;
  readonly #context: TransportContext;
  readonly #log: BindLog;
  readonly #idForms: IdForms;
  /** The last receipts that found nothing in the form that is known. */
  #unfound: UnreadReceipt[] = [];

  constructor(linkId: LinkId, settings: SmppSettings, context: TransportContext) {
    this.#linkId = linkId;
    this.#settings = settings;
    this.#context = context;
    this.#log = new BindLog(linkId, context);
    this.#idForms = new IdForms(settings.receipts.ids, {
      learned: (form) => {
        const what = `receipts write ids otherwise than answers do: set receipts.ids to ${form}`;
        context.log('warn', what, { link: linkId });
      },
      lost: (form) => {
        const what = `the last receipts named no message by their ids, read as ${form}: read otherwise from now on, too`;
        this.#log.trouble('warn', what);
      },
    });
  }

  /** The carrier answered with this id. @returns the id under which receipts are looked for. */
  answered(messageId: string): string {
    return this.#idForms.answered(messageId);
  }

  take(pdu: Delivery, host: LinkHost, answer: (response: Reply) => void): void {
    const say = (status: number) =>
      answer({ command: `${pdu.command}_resp`, status, messageId: '', tlvs: [] });
    this.#record(pdu, host).then(
      () => say(statuses.ESME_ROK),
      (error: unknown) => {
        this.#log.trouble('warn', 'storage did not take what the carrier delivered', {
          error: String(error),
        });
        say(statuses.ESME_RX_T_APPN);
      },
    );
  }

  async #record(pdu: Delivery, host: LinkHost): Promise<void> {
    const userData = readUserData(pdu);
    const { alphabet, octets } = this.#read(pdu, userData);
    const text = alphabet ? decodeText(octets, alphabet) : octets.toString('hex');
    const receiptText = receiptTextOf(userData.payload, text);
    if (isReceipt({ ...pdu, text: receiptText }, this.#settings)) {
      return this.#receipt(pdu, receiptText, host);
    }
    if ((pdu.esmClass & kindMask) !== 0) {
      // The handset's own acknowledgements (SMPP 3.4, 5.2.12): nothing that a client could be told.
      return;
    }
    const { homeCountry } = this.#settings.replies;
    const from = numberOf(pdu.sourceAddr, pdu.sourceAddrTon, homeCountry as Country | undefined);
    const plain = { linkId: this.#linkId, to: pdu.destinationAddr, at: this.#context.clock.now() };
    if (!from) {
      if (homeCountry === undefined && isLocalForm(pdu.sourceAddr)) {
        const what = 'a message from a number in local form is left out: set replies.homeCountry';
        this.#log.trouble('warn', what);
      } else this.#log.trouble('info', 'a message that is not from a phone number is left out');
      return;
    }
    const { concatenation } = userData;
    if (concatenation && alphabet) {
      await host.segment({
        ...plain,
        from,
        ...concatenation,
        alphabet,
        octets: octets.toString('base64'),
      });
      return;
    }
    const reply: ReplyNews = { ...plain, from, text, upstreamId: null };
    await host.reply(reply);
  }

  async #receipt(pdu: Delivery, text: string, host: LinkHost): Promise<void> {
    const receipt = readReceipt({ ...pdu, text }, this.#settings);
    if (!receipt) {
      const what = 'a receipt that names no message is left out';
      this.#log.trouble('warn', what);
      return;
    }
    if (receipt.status === null) return;
    const unread: UnreadReceipt = {
      id: receipt.id,
      linkId: this.#linkId,
      numbers: [pdu.sourceAddr, pdu.destinationAddr],
      status: receipt.status,
      detail: receipt.detail,
      at: this.#context.clock.now(),
    };
    const wasKnown = this.#idForms.isKnown;
    if (await this.#tell(unread, host)) this.#unfound = [];
    else if (wasKnown) await this.#notFound(unread, host);
  }

  /** Should the form of its id turn out to be another one, it is looked for again, and those before it. */
  async #notFound(unread: UnreadReceipt, host: LinkHost): Promise<void> {
    this.#unfound.push(unread);
    if (this.#unfound.length > enough) this.#unfound.shift();
    if (this.#idForms.isKnown) return;
    for (const one of this.#unfound.splice(0)) await this.#tell(one, host);
  }

  /** @returns whether it found its message. */
  async #tell({ id, ...news }: UnreadReceipt, host: LinkHost): Promise<boolean> {
    const [upstreamId, ...otherIds] = this.#idForms.keysOf(id);
    const found = await host.receipt({
      ...news,
      upstreamId: upstreamId as string,
      ...(otherIds.length > 0 && { otherIds }),
    });
    this.#idForms.heard(id, found);
    return found !== null;
  }

  /** Octets that are no text have no alphabet. */
  #read(
    { dataCoding }: Delivery,
    { payload, headerOctets }: UserData,
  ): { alphabet: Alphabet | undefined; octets: Buffer } {
    const { alphabet: defaultAlphabet, packed } = this.#settings.replies;
    const alphabet = alphabetOf(dataCoding, defaultAlphabet);
    const unpacks = packed && alphabet === 'gsm7';
    return { alphabet, octets: unpacks ? unpackSeptets(payload, headerOctets) : payload };
  }
}

import type { Behaviour, ReceiptPlan } from './behaviour.ts';
import { partNumberOf, Rules } from './behaviour.ts';
import { firstNumber, idForms } from './ids.ts';
import type { Submit } from './ledger.ts';
import type { Outbox } from './outbox.ts';
import type { ReceiptFacts, Stat } from './receipts.ts';
import { receiptTexts, receiptTlvs } from './receipts.ts';
import type { Session } from './session.ts';
import type { SmscSettings } from './settings.ts';
import type { Timers } from './timers.ts';
import type { RawPdu, ShortMessage } from './wire.ts';
import { answerTo, cString, pduBytes, readSubmit, statuses, tags, WireFault } from './wire.ts';

/** So long answers are held back for others that would leave before them. */
const holdMs = 200;
/** How much of a message its receipt repeats (specification, appendix B). */
const repeatedCharacters = 20;

/** Takes submits, answers them and sends their receipts, each as the rules want it. */
export class Intake {
  readonly submits: Submit[] = [];
  /** The most submits without an answer that one session had at a time. */
  mostOpen = 0;
  readonly #settings: SmscSettings;
  readonly #timers: Timers;
  readonly #outbox: Outbox;
  readonly #rules: Rules;
  readonly #onFault: (fault: string) => void;
  readonly #open = new Map<Session, number>();
  #held: (() => void)[] = [];
  #taken = 0;

  constructor(
    settings: SmscSettings,
    timers: Timers,
    outbox: Outbox,
    random: (below: number) => number,
    onFault: (fault: string) => void,
  ) {
    this.#settings = settings;
    this.#timers = timers;
    this.#outbox = outbox;
    this.#rules = new Rules(random);
    this.#onFault = onFault;
  }

  take(session: Session, pdu: RawPdu): void {
    let message: ShortMessage;
    try {
      message = readSubmit(pdu.body);
    } catch (error) {
      if (!(error instanceof WireFault)) throw error;
      this.#onFault(`session ${session.number}: submit_sm ${pdu.sequence}: ${error.message}`);
      session.answer(pdu, statuses.invalidLength);
      return;
    }
    const behaviour = this.#rules.behaviourFor(message, this.#settings.rules);
    const submit = this.#enter(session, pdu, message, behaviour);
    if (behaviour.cut === 'unseen' || behaviour.cut === 'taken') session.cut();
    else {
      const open = (this.#open.get(session) ?? 0) + 1;
      this.#open.set(session, open);
      this.mostOpen = Math.max(this.mostOpen, open);
    }
    const plan = receiptPlanOf(submit, behaviour);
    if (plan?.early === true) this.#receipt(session, submit, plan, 0);
    const next = plan?.early === true ? 1 : 0;
    if (session.closed || !behaviour.answers) {
      this.#receipts(session, submit, plan, next);
      return;
    }
    this.#timers.after(behaviour.answerAfterMs, () =>
      this.#hold(behaviour.hold, () => {
        this.#answer(session, pdu, submit, behaviour);
        this.#receipts(session, submit, plan, next);
      }),
    );
  }

  #enter(session: Session, pdu: RawPdu, message: ShortMessage, behaviour: Behaviour): Submit {
    const taken = behaviour.status === statuses.ok && behaviour.cut !== 'unseen';
    const { answer, receipt, reuseAfter } = this.#settings.ids;
    const number = firstNumber + (this.#taken % reuseAfter);
    if (taken) this.#taken += 1;
    const submit: Submit = {
      ...message,
      session: session.number,
      sequence: pdu.sequence,
      part: partNumberOf(message),
      taken,
      id: taken ? (behaviour.id ?? idForms[answer](number)) : '',
      receiptId: taken ? (behaviour.id ?? idForms[receipt](number)) : '',
      status: null,
      at: Date.now(),
    };
    this.submits.push(submit);
    this.#settings.log?.({ submit: submit.destination.digits, part: submit.part, id: submit.id });
    return submit;
  }

  /** Answers wait until there are `wanted` of them, and the last goes first. */
  #hold(wanted: number, answer: () => void): void {
    if (wanted <= 1) {
      answer();
      return;
    }
    this.#held.push(answer);
    const release = (): void => {
      const held = this.#held.toReversed();
      this.#held = [];
      for (const one of held) one();
    };
    if (this.#held.length >= wanted) release();
    else if (this.#held.length === 1) this.#timers.after(holdMs, release);
  }

  #answer(session: Session, pdu: RawPdu, submit: Submit, behaviour: Behaviour): void {
    this.#open.set(session, (this.#open.get(session) ?? 1) - 1);
    if (session.closed) return;
    const { status, cut, wrongSequence } = behaviour;
    // With an error the body may be left out (specification, 4.4.2).
    const body = submit.taken ? cString(submit.id) : Buffer.alloc(0);
    const sequence = wrongSequence ? pdu.sequence + 0x0010_0000 : pdu.sequence;
    if (cut === null) session.answer(pdu, status, body, sequence);
    else {
      const bytes = pduBytes({ command: answerTo(pdu.command), status, sequence, body });
      session.end(cut === 'mid-answer' ? bytes.subarray(0, bytes.length >> 1) : bytes);
      if (cut === 'mid-answer') return;
    }
    submit.status = status;
  }

  #receipts(session: Session, submit: Submit, plan: ReceiptPlan | null, from: number): void {
    if (!plan) return;
    for (let index = from; index < plan.stats.length; index++) {
      this.#timers.after(plan.afterMs, () => this.#receipt(session, submit, plan, index));
    }
  }

  #receipt(session: Session, submit: Submit, plan: ReceiptPlan, index: number): void {
    const stat = plan.stats[index] as Stat;
    const message = receiptMessage(submit, stat, plan);
    for (let time = 0; time < plan.times; time++) {
      void this.#outbox.send(
        { kind: 'receipt', submit, stat, session: null, status: null, tries: 0 },
        {
          message,
          by: plan.by,
          systemId: session.bind?.systemId ?? null,
          origin: session,
          on: plan.on,
        },
      );
    }
  }
}

/** Null when there is nothing to tell, or nobody wants to know (registered_delivery, 5.2.17). */
function receiptPlanOf(submit: Submit, { receipts }: Behaviour): ReceiptPlan | null {
  const wanted = submit.registered & 0x03;
  if (!receipts || !submit.taken || wanted === 0) return null;
  if (wanted === 1) return receipts;
  return { ...receipts, stats: receipts.stats.filter((stat) => stat !== 'DELIVRD') };
}

function receiptMessage(submit: Submit, stat: Stat, plan: ReceiptPlan): ShortMessage {
  const facts: ReceiptFacts = {
    id: submit.receiptId,
    stat,
    err: plan.err ?? (stat === 'DELIVRD' || stat === 'ENROUTE' ? '000' : '011'),
    submittedAt: new Date(submit.at),
    doneAt: new Date(),
    text: submit.text.toString('latin1').slice(0, repeatedCharacters),
  };
  const write = typeof plan.text === 'function' ? plan.text : receiptTexts[plan.text];
  const text = plan.facts === 'TLVs' ? Buffer.alloc(0) : Buffer.from(write(facts), 'latin1');
  const tlvs = plan.facts === 'text' ? [...plan.tlvs] : [...receiptTlvs(facts), ...plan.tlvs];
  const payload = { tag: tags.messagePayload, value: text };
  const inPayload = plan.payload && plan.by === 'deliver_sm' && text.length > 0;
  return {
    serviceType: '',
    source: plan.swapped ? submit.source : submit.destination,
    destination: plan.swapped ? submit.destination : submit.source,
    esmClass: plan.esmClass,
    protocolId: 0,
    priority: 0,
    scheduled: '',
    validity: '',
    registered: 0,
    replace: 0,
    dataCoding: 0,
    defaultMessage: 0,
    text: inPayload ? Buffer.alloc(0) : text,
    tlvs: inPayload ? [...tlvs, payload] : tlvs,
  };
}

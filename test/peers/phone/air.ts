/** What left phones by radio, all of them together. */
export class Air {
  /** How often each, by destination and text. */
  readonly sent = new Map<string, number>();

  send(destination: string, text: string): void {
    const key = `${destination} ${text}`;
    this.sent.set(key, (this.sent.get(key) ?? 0) + 1);
  }

  /** What was sent more than once. */
  get doubled(): string[] {
    return [...this.sent].filter(([, times]) => times > 1).map(([key]) => key);
  }
}

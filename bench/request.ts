/** The request of the Mobile Message document, with as many messages as wanted, each to its own number. */
export function sendRequest(count: number): string {
  return JSON.stringify({
    messages: Array.from({ length: count }, (_, index) => ({
      to: `04${String(12_345_678 + index * 10)}`,
      message: 'Hello, this is a test message',
      sender: 'CompanyABC',
      custom_ref: `tracking${index}`,
    })),
  });
}

/** The part of split-sms that the tests compare with; the package has no types of its own. */
declare module 'split-sms' {
  const splitSms: {
    split(text: string): {
      characterSet: 'GSM' | 'Unicode';
      bytes: number;
      parts: { content: string; bytes: number }[];
    };
  };
  export default splitSms;
}

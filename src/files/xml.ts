import sax from 'sax';

/** What is told of a document as it is read. */
export interface XmlEvents {
  onopentag(tag: sax.Tag | sax.QualifiedTag): void;
  onclosetag(name: string): void;
  ontext(text: string): void;
  oncdata(text: string): void;
}

/** Only the five entities of XML, and places in the document are not counted: that costs a third of the time. */
const options: sax.SAXOptions & { strictEntities: true } = {
  strictEntities: true,
  position: false,
};

/** A parser that throws at the first thing that is no XML. */
export function xmlParser(events: XmlEvents): sax.SAXParser {
  const parser = sax.parser(true, options);
  const onerror = (error: Error): void => {
    throw error;
  };
  return Object.assign(parser, events, { onerror });
}

/** Without the prefix of its namespace, which every program chooses for itself. */
export function localName(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}

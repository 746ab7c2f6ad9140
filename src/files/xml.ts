import sax from 'sax';

/** What is told of a document as it is read. */
export interface XmlEvents {
  onopentag(tag: sax.Tag | sax.QualifiedTag): void;
  onclosetag(name: string): void;
  ontext(text: string): void;
  oncdata(text: string): void;
}

/** Of elements within each other, and of attributes of one: a workbook has a dozen. */
const mostOpen = 100;
const mostAttributes = 100;

/**
 * Only the five entities of XML. Places are counted, which costs 3 % of the time: it is by them that sax sees that
 * a name, an attribute or a comment has more than 64 KB, and refuses it; a text it gives in parts.
 */
const options: sax.SAXOptions & { strictEntities: true } = {
  strictEntities: true,
  position: true,
};

/** A parser that throws at the first thing that is no XML, or of which no workbook has so much. */
export function xmlParser(events: XmlEvents): sax.SAXParser {
  let open = 0;
  let attributes = 0;
  return Object.assign(sax.parser(true, options), events, {
    onerror(error: Error): void {
      throw error;
    },
    onattribute(): void {
      attributes += 1;
      if (attributes > mostAttributes) throw new Error('Too many attributes of an element');
    },
    onopentag(tag: sax.Tag | sax.QualifiedTag): void {
      attributes = 0;
      open += 1;
      if (open > mostOpen) throw new Error('Too many elements within each other');
      events.onopentag(tag);
    },
    onclosetag(name: string): void {
      open -= 1;
      events.onclosetag(name);
    },
  });
}

/** Without the prefix of its namespace, which every program chooses for itself. */
export function localName(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}

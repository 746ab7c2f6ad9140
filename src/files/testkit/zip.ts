import { crc32, deflateRawSync } from 'node:zlib';

/** What an entry holds; or what it says that it holds, with the bytes that it has instead. */
type Content = string | { size: number; data?: Buffer };

/** A ZIP archive of these entries, deflated (APPNOTE.TXT 4.3), as small as tests need it. */
export function zipOf(entries: Readonly<Record<string, Content>>): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(entries)) {
    const plain = Buffer.from(typeof content === 'string' ? content : '');
    const data =
      typeof content === 'string' ? deflateRawSync(plain) : (content.data ?? Buffer.alloc(0));
    const size = typeof content === 'string' ? plain.length : content.size;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0); // version needed
    common.writeUInt16LE(8, 4); // deflated
    common.writeUInt32LE(crc32(plain), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(size, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, Buffer.from(name), data]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(
      Buffer.concat([
        Buffer.from('PK\u0001\u0002'),
        Buffer.from([20, 0]),
        common.subarray(0, 24),
        Buffer.from([0, 0]),
        tail,
        Buffer.from(name),
      ]),
    );
    files.push(local);
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, listed, end]);
}

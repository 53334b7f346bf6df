/** Encodes a two-colour picture as PNG (W3C PNG, third edition), in the same bytes on every machine. */

import { crc32, deflateSync } from 'node:zlib';

export interface TwoColourPicture {
  readonly widthPixels: number;
  readonly heightPixels: number;
  /** Red, green and blue of a pixel that is off, and of one that is on. */
  readonly palette: readonly [readonly [number, number, number], readonly [number, number, number]];
  readonly isOn: (x: number, y: number) => boolean;
}

export function encodePng({ widthPixels, heightPixels, palette, isOn }: TwoColourPicture): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(widthPixels, 0);
  header.writeUInt32BE(heightPixels, 4);
  // One bit a pixel, colour type 3 (a palette), then the standard's only compression and filter, and no interlace.
  header.set([1, 3, 0, 0, 0], 8);

  const rowBytes = 1 + Math.ceil(widthPixels / 8);
  const rows = Buffer.alloc(rowBytes * heightPixels);
  for (let y = 0; y < heightPixels; y++) {
    for (let x = 0; x < widthPixels; x++) {
      // The row's first byte is its filter: 0, none.
      const at = y * rowBytes + 1 + (x >> 3);
      if (isOn(x, y)) rows[at] = (rows[at] ?? 0) | (0x80 >> (x & 7));
    }
  }

  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flat())),
    // Stored, not compressed: builds of zlib compress the same bytes differently.
    chunk('IDAT', deflateSync(rows, { level: 0 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, check]);
}

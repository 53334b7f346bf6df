/** Reads what must not stand on a command line, where every user of the machine and the shell's history can read it. */

import { text } from 'node:stream/consumers';
import type { ReadStream } from 'node:tty';

import { RefusedCommand } from '../refused-command.js';

const ENTER = /[\r\n]/;
const INTERRUPT = '\u0003';
const END = '\u0004';
const ERASE = /[\b\u007f]/;

/**
 * All of standard input; on a terminal one line of it, which is not shown while it is typed.
 * @throws RefusedCommand where it is broken off
 */
export async function readSecret(input: ReadStream, output: NodeJS.WritableStream, prompt: string): Promise<string> {
  if (!input.isTTY) return text(input);
  output.write(prompt);
  input.setRawMode(true);
  input.setEncoding('utf8');
  try {
    let line = '';
    for await (const chunk of input) {
      for (const character of String(chunk)) {
        if (character === INTERRUPT) throw new RefusedCommand('broken off; nothing was changed');
        if (ENTER.test(character) || character === END) return line;
        line = ERASE.test(character) ? line.slice(0, -1) : line + character;
      }
    }
    return line;
  } finally {
    input.setRawMode(false);
    output.write('\n');
  }
}

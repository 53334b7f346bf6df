/** Encodes a square wave as a WAV file: 8,000 samples a second, 8 bits, mono. Whole numbers alone make every byte. */

const SAMPLES_PER_SECOND = 8000;

export function encodeWav(frequencyHz: number, durationMs: number): Buffer {
  const count = Math.floor((SAMPLES_PER_SECOND * durationMs) / 1000);
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + count, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(1, 22); // one channel
  header.writeUInt32LE(SAMPLES_PER_SECOND, 24);
  header.writeUInt32LE(SAMPLES_PER_SECOND, 28); // bytes a second
  header.writeUInt16LE(1, 32); // bytes a sample
  header.writeUInt16LE(8, 34); // bits a sample
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(count, 40);

  // 8-bit PCM is unsigned: 128 is silence.
  const halfPeriods = (sample: number): number => Math.floor((sample * 2 * frequencyHz) / SAMPLES_PER_SECOND);
  const samples = Buffer.from(Array.from({ length: count }, (_, sample) => (halfPeriods(sample) % 2 === 0 ? 192 : 64)));
  return Buffer.concat([header, samples]);
}

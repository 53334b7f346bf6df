/** Does some work as a user whom the modes of files bind: where the tests run as root, as nobody. */

const NOBODY = 65_534;

export async function asOrdinaryUser<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid!(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid!(0);
  }
}

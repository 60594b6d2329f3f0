/** The program. Built, it is started by `start.ts`; from the sources, `npx tsx src/cli/main.ts` runs it. */
import { program } from './commands/index.ts'
import { runProcess } from './frame/program.ts'

void runProcess(program, process.argv.slice(2))

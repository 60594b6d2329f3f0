/** Prints the completion script of a shell. */
import { type CommandModule, type CommandSpec, ExitCode, UsageError } from '../../command.ts'
import { bashCompletion } from '../../frame/completion/bash.ts'
import { fishCompletion } from '../../frame/completion/fish.ts'
import { zshCompletion } from '../../frame/completion/zsh.ts'

const scripts: Readonly<Record<string, (program: CommandSpec) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
}

/** The code of `netwright completion` for a program. */
export function printCompletion(program: CommandSpec): CommandModule {
  return {
    async run({ arguments: { SHELL }, terminal }) {
      const script = Object.hasOwn(scripts, String(SHELL)) ? scripts[String(SHELL)] : undefined
      if (script === undefined) throw new UsageError(`${SHELL} is no shell that is known: bash, zsh or fish`)
      await terminal.answer(script(program))
      return ExitCode.done
    },
  }
}

/** Options on the command lines of daemons. */

/** The value behind `option` (`-n web`) or within it (`--name=web`), the first of several; undefined when it is not given. */
export function optionValue(argv: readonly string[], ...options: readonly string[]): string | undefined {
  for (const [i, argument] of argv.entries()) {
    for (const option of options) {
      if (argument === option) return argv[i + 1]
      if (argument.startsWith(`${option}=`)) return argument.slice(option.length + 1)
    }
  }
  return undefined
}

/** Which of the known tools this host has. Nothing is run: the directories of PATH are looked at. */
import { accessSync, constants, statSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { KNOWN_TOOLS, type KnownTool } from './known-tools.ts'

/** A tool, and where it is. */
export interface FoundTool extends KnownTool {
  /** Null when this host has none. */
  readonly path: string | null
}

/** The document (schemas/tools.v1.json). */
export interface ToolList {
  readonly schema: 'netwright/tools/v1'
  readonly tools: readonly FoundTool[]
}

/** Where an administrator's programs are, also for a user whose PATH leaves them out. */
const ALWAYS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** @param path as the environment variable PATH has it */
export function findTools(path: string | undefined): ToolList {
  const given = (path ?? '').split(':').filter((directory) => isAbsolute(directory))
  const directories = [...new Set([...given, ...ALWAYS])]
  const tools = KNOWN_TOOLS.map((tool) => ({ ...tool, path: findProgram(tool.name, directories) ?? null }))
  return { schema: 'netwright/tools/v1', tools }
}

function findProgram(name: string, directories: readonly string[]): string | undefined {
  return directories.map((directory) => join(directory, name)).find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/**
 * Every command of the program, in the order in which help shows them. Only what describes a command is loaded here;
 * its code is loaded when it runs.
 */
import type { CommandSpec } from '../command.ts'
import { captureCommand } from './capture.ts'
import { completeCommand } from './complete.ts'
import { completionCommand } from './completion.ts'
import { daemonCommand } from './daemon.ts'
import { diffCommand } from './diff.ts'
import { doctorCommand } from './doctor.ts'
import { explainCommand } from './explain.ts'
import { helpCommand } from './help.ts'
import { manualPageCommand } from './manual-page.ts'
import { mapCommand } from './map.ts'
import { networkCommand } from './network.ts'
import { nsCommand } from './ns.ts'
import { probeCommand } from './probe.ts'
import { enterCommand, runCommand } from './run.ts'
import { sandboxCommand } from './sandbox.ts'
import { showCommand } from './show.ts'
import { supportCommand } from './support.ts'
import { toolsCommand } from './tools.ts'
import { topCommand } from './top.ts'
import { traceCommand } from './trace.ts'
import { watchCommand } from './watch.ts'

/** The program: the root of all commands. */
export const program: CommandSpec = {
  name: 'netwright',
  summary: 'see, test, mend and build container networks on Linux',
  description:
    'Netwright shows every network namespace of this host and how they are linked: those of Docker, Podman and ' +
    'Kubernetes, those of overlay networks, and those that nothing but a mount or an open file still holds.\n\n' +
    'It reads the kernel directly and changes nothing unless a command says that it does. Most commands need root to see ' +
    'everything; without it they show what can be seen and say what cannot.',
  examples: [
    { command: 'netwright map', explains: 'Every namespace and link of this host.' },
    { command: 'netwright show docker:web', explains: 'One container’s network in full.' },
  ],
  commands: [
    mapCommand,
    showCommand,
    nsCommand,
    traceCommand,
    doctorCommand,
    explainCommand,
    supportCommand,
    diffCommand,
    watchCommand,
    probeCommand,
    captureCommand,
    topCommand,
    toolsCommand,
    networkCommand,
    sandboxCommand,
    runCommand,
    daemonCommand,
    completionCommand(() => program),
    helpCommand(() => program),
    completeCommand,
    enterCommand,
    manualPageCommand(() => program),
  ],
}

/** Codes about namespaces and their names. */
import type { CatalogueEntry } from '../entry.ts'

/** Names and namespaces that outlived what they were for. */
export const NAMESPACE_ENTRIES: readonly CatalogueEntry[] = [
  {
    code: 'netns-reference-stale',
    title: 'A name in /run/netns leads nowhere, or to the wrong namespace',
    severity: 'error',
    meaning:
      'Whoever uses the name (ip netns exec, a lab tool, a script) fails, or works on a network that is not the one it was meant for. ' +
      'The second is the dangerous case: a command meant for a container then changes somebody else’s network, at worst the host’s.',
    arises: [
      'The name is a symbolic link to /proc/PID/ns/net and the process has ended; a link does not keep a namespace alive.',
      'The number of that process has been given to another one since: the link leads to a living namespace again, but a wrong one.',
      'The container was restarted. It has a new namespace, and the name still holds the old, empty one.',
      'A namespace was unmounted without its file being removed, or the file was left over by a crash: an empty file remains.',
    ],
    detected:
      'Every entry of /run/netns is opened. A link is held against the start time of its process, a mount against the namespace in which the container of that name lives now.',
    mended:
      'The name is removed, or made to lead to the right namespace by a mount, which no process number can betray. “netwright ns repair” does the same for all names. ' +
      'A name whose namespace still has a process in it is left alone.',
  },
  {
    code: 'netns-reference-missing',
    title: 'A namespace that ought to have a name in /run/netns has none',
    severity: 'info',
    meaning:
      'ip netns list does not show the namespace, and tools that look there do not find it. Nothing is wrong with the network itself. ' +
      'Docker and Podman never give names, so for their containers this is only a remark; for a containerlab node it is a warning, since other tools rely on the name.',
    arises: [
      'The runtime gives no names (Docker, Podman).',
      'A clean-up removed the name while the container was running.',
      'The host was restarted, or /run was emptied, and the tool that gave the name was not run again.',
    ],
    detected: 'Namespaces of containers are held against the entries of /run/netns.',
    mended:
      '“ip netns attach NAME PID” or “netwright ns attach” gives a name by a mount. It can be taken away again without harm to the container.',
  },
  {
    code: 'netns-leaked',
    title: 'A namespace outlived its container',
    severity: 'warning',
    meaning:
      'No process lives in the namespace any more, but something keeps it alive, with its interfaces and addresses. While its cable is plugged in, ' +
      'the kernel in there still answers ARP for the address: when the runtime gives that address to a new container, two answer for it.',
    arises: [
      'A monitoring or backup program opened /proc/PID/ns/net and never closed it.',
      'A daemon has a socket that was opened inside the namespace, or inherited one.',
      'The mount of the namespace was copied into another mount namespace (a container that mounts the host’s /run) and survives there.',
    ],
    detected:
      'A namespace with addresses, but without process, thread, name or owner, is held by a descriptor, a socket or a mount; the finding names process and descriptor.',
    mended:
      'Restart or end the program that holds it: the kernel removes the namespace with the last holder. To silence it at once, delete the end of its cable on the living side; ' +
      'that is not done by itself, because a program may hold a namespace on purpose.',
  },
]

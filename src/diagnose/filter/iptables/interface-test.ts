/** Interface names as iptables' rules give them. */

/** `eth0`, or with `+` for any rest of the name. */
export function interfaceTest(pattern: string): (name: string) => boolean {
  if (!pattern.endsWith('+')) return (name) => name === pattern
  const start = pattern.slice(0, -1)
  return (name) => name.startsWith(start)
}

import { afterEach, expect, test } from 'vitest'
import { type Dockerd, startDockerd } from '../support/dockerd.ts'
import { BridgeWorld, networkRecord, reaches, run, runIn } from './bridge-world.ts'

let world: BridgeWorld
let docker: Dockerd | undefined

afterEach(async () => {
  await world.close()
  await docker?.stop()
  docker = undefined
})

/** Runs commands as a person would paste them into a shell of the host. */
function paste(commands: readonly string[]): void {
  for (const command of commands) runIn(world.hostName, 'sh', '-c', command)
}

test('nothing is in the way on a host of its own', async () => {
  world = new BridgeWorld('obst')
  const network = networkRecord(1, { ipv6: true })
  await world.driver.createNetwork(network)
  expect(await world.driver.obstacles(network)).toEqual([])
})

test('a hostile table is named, with what opens it', async () => {
  world = new BridgeWorld('obst')
  runIn(
    world.hostName,
    'sysctl',
    '-qe',
    'net.bridge.bridge-nf-call-iptables=0',
    'net.bridge.bridge-nf-call-ip6tables=0',
  )
  run('ip', '-n', world.hostName, 'route', 'add', 'default', 'via', '192.0.2.2')
  const network = networkRecord(1)
  await world.driver.createNetwork(network)
  const one = await world.join(network, 2)
  const rules = `table ip guard {
    set inner { type ifname; elements = { "lan0", "lan1" } }
    chain transit { type filter hook forward priority -10; policy accept;
      ct state established,related accept
      iifname @inner accept
      iifname "up0" oifname "lan*" accept
      jump judge
    }
    chain judge { ip saddr 10.61.0.0/16 reject; }
  }`
  runIn(world.hostName, 'nft', rules)
  expect(reaches(one.name, '192.0.2.2')).toBe(false)
  const obstacles = await world.driver.obstacles(network)
  expect(obstacles).toHaveLength(1)
  expect(obstacles[0]!.summary).toMatch(
    /^a rule \(handle \d+\) in chain judge of table ip guard drops what its containers send out/,
  )
  paste(obstacles[0]!.commands)
  expect(reaches(one.name, '192.0.2.2')).toBe(true)
  expect(await world.driver.obstacles(network)).toEqual([])
})

test('what was switched off behind our back is told', async () => {
  world = new BridgeWorld('obst')
  const network = networkRecord(1)
  await world.driver.createNetwork(network)
  runIn(world.hostName, 'sysctl', '-qw', 'net.ipv4.ip_forward=0')
  run('ip', '-n', world.hostName, 'link', 'set', 'br-111111111111', 'down')
  const obstacles = await world.driver.obstacles(network)
  expect(obstacles.map((one) => one.commands)).toEqual([
    ['ip link set br-111111111111 up'],
    ['sysctl -w net.ipv4.ip_forward=1'],
  ])
  paste(obstacles.flatMap((one) => one.commands))
  expect(await world.driver.obstacles(network)).toEqual([])
})

test('beside a Docker that drops what is forwarded: its policy is named, and the command lets both live', async () => {
  docker = await startDockerd()
  world = new BridgeWorld('obst', docker.namespace)
  runIn(world.hostName, 'iptables', '-P', 'FORWARD', 'DROP')
  const network = networkRecord(1)
  await world.driver.createNetwork(network)
  const portMappings = [{ protocol: 'tcp', containerPort: 80, hostPort: 8080 }] as const
  const one = await world.join(network, 2, { portMappings })
  await world.join(network, 3)
  await world.driver.expose(network, one.endpoint)
  expect(reaches(one.name, '192.0.2.2')).toBe(false)
  const obstacles = await world.driver.obstacles(network)
  expect(obstacles).toHaveLength(1)
  expect(obstacles[0]!.summary).toContain('the policy (drop) of chain FORWARD of table ip filter drops')
  expect(obstacles[0]!.commands).toEqual([
    'iptables -I DOCKER-USER -i br-111111111111 -j ACCEPT',
    'iptables -I DOCKER-USER -o br-111111111111 -j ACCEPT',
  ])
  paste(obstacles[0]!.commands)
  expect(reaches(one.name, '192.0.2.2')).toBe(true)
  expect(reaches(one.name, '10.61.0.3')).toBe(true)
  expect(await world.driver.obstacles(network)).toEqual([])
  // Docker's own network works as before, and the two are kept apart by our table whatever DOCKER-USER accepts.
  docker.runContainer('theirs')
  expect(docker.run('exec', 'theirs', 'ping', '-c1', '-W2', '192.0.2.2')).toContain('1 packets received')
  expect(() => docker!.run('exec', 'theirs', 'ping', '-c1', '-W1', '10.61.0.2')).toThrow()
  // A port that Docker published is not ours to give, and is reported with its holder.
  docker.run('run', '--detach', '--publish', '9090:80', 'busybox:latest', 'sleep', '3600')
  const mappings = [{ protocol: 'tcp', containerPort: 80, hostPort: 9090 }] as const
  const late = await world.join(network, 4, { portMappings: mappings })
  await expect(world.driver.expose(network, late.endpoint)).rejects.toMatchObject({
    code: 'port-taken',
    message: expect.stringContaining('docker-proxy'),
  })
})

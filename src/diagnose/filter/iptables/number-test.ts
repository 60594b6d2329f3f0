/** Numbers, ranges and marks as options of iptables write them. */

/** `80`, `80:90` */
export function numberRange(text: string): (number: number) => boolean {
  const [low = '', high = low] = text.split(':')
  const [lowest, highest] = [Number(low), Number(high)]
  return (number) => number >= lowest && number <= highest
}

/** `22,80:90` */
export function portsTest(text: string): (port: number) => boolean {
  const tests = text.split(',').map(numberRange)
  return (port) => tests.some((test) => test(port))
}

/** `0x1`, `0x1/0xff` */
export function markTest(text: string): (mark: number) => boolean {
  const { value, mask } = valueAndMask(text)
  return (mark) => (mark & mask) >>> 0 === value
}

/** A value and the bits that count; all of them when none are given. */
export function valueAndMask(text: string): { readonly value: number; readonly mask: number } {
  const [value = '0', mask = '0xffffffff'] = text.split('/')
  return { value: Number(value), mask: Number(mask) }
}

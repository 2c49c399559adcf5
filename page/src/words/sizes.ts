/// Sizes and speeds in words: bytes in decimal units, as shops and browsers count them.

const UNITS = ["kB", "MB", "GB", "TB"]

/** A size in bytes, in words: `4.2 MB`. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} bytes`
  let value = bytes
  let unit = -1
  while (unit < UNITS.length - 1 && value >= 999.5) {
    value /= 1000
    unit += 1
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`
}

/** A speed in bytes a second, in words: `4.2 MB/s`. */
export function speed(bytesPerSecond: number): string {
  return `${size(bytesPerSecond)}/s`
}

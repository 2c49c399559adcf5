/// Loudness and levels in words, with the signs and units that sound engineers use.

const MINUS = "\u2212"

/** A number with one digit behind the point and a real minus sign. */
export function decimal(value: number): string {
  return value.toFixed(1).replace(/^-0\.0$/, "0.0").replace("-", MINUS)
}

/** Integrated loudness: `−16.0 LUFS`; a dash where there is nothing to measure. */
export function lufs(value: number | null): string {
  return value === null ? "–" : `${decimal(value)} LUFS`
}

/** True peak: `−1.0 dBTP`; a dash for silence. */
export function dbtp(value: number | null): string {
  return value === null ? "–" : `${decimal(value)} dBTP`
}

/** A difference of levels, with its sign: `+6.2 dB`. */
export function gain(value: number): string {
  return `${value > 0 ? "+" : ""}${decimal(value)} dB`
}

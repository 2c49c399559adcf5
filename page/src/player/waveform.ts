/// Waveform peaks, in the shape that a waveform is drawn from.
import type { Peaks, Variant } from "../api/types"

/** The highest and the lowest samples, from -1 to 1, moment by moment. */
export type Wave = [highest: Float32Array, lowest: Float32Array]

/** The waves that there are. */
export type Drawn = Partial<Record<Variant, Wave>>

/** What part of a lane's height the highest wave takes. */
const FULL = 0.95

/** By how much to stretch waves that play so loud, for the highest of them to fill its lane: seen as they are heard. */
export function heights(waves: Drawn, volumes: Record<Variant, number>): Record<Variant, number> {
  const highest = Math.max(highestOf(waves.original) * volumes.original, highestOf(waves.prepared) * volumes.prepared)
  const stretch = highest > 0 ? FULL / highest : 1
  return { original: volumes.original * stretch, prepared: volumes.prepared * stretch }
}

function highestOf(wave: Wave | undefined): number {
  let highest = 0
  for (const line of wave ?? []) for (const sample of line) highest = Math.max(highest, Math.abs(sample))
  return highest
}

/** Turn pairs of lowest and highest samples of so many bits into a wave. */
export function drawn({ bits, data }: Pick<Peaks, "bits" | "data">): Wave {
  const full = 2 ** (bits - 1)
  const pairs = Math.floor(data.length / 2)
  const wave: Wave = [new Float32Array(pairs), new Float32Array(pairs)]
  for (let pair = 0; pair < pairs; pair += 1) {
    wave[0][pair] = (data[2 * pair + 1] ?? 0) / full
    wave[1][pair] = (data[2 * pair] ?? 0) / full
  }
  return wave
}

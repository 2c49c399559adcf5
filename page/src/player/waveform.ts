/// Waveform peaks, in the shape that a waveform is drawn from.
import type { Peaks } from "../api/types"

/** The highest and the lowest samples, from -1 to 1, moment by moment. */
export type Wave = [highest: Float32Array, lowest: Float32Array]

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

/// Reading the waveform peaks that a worker made.
import { assetPath } from "./client"
import type { Peaks, Variant } from "./types"

/** Read a variant's peaks; null where there are none. They are open to whoever knows the asset. A browser that has
 * kept them asks whether they are still those: another rendition has others at the same address. */
export async function readPeaks(assetId: string, variant: Variant, signal: AbortSignal): Promise<Peaks | null> {
  const answer = await fetch(assetPath(assetId, `/peaks?variant=${variant}`), { signal, cache: "no-cache" })
  return answer.ok ? ((await answer.json()) as Peaks) : null
}

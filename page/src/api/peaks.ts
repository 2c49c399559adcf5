/// Reading the waveform peaks that a worker made.
import { assetPath } from "./client"
import type { Peaks, Variant } from "./types"

/** The peaks are there, but this page may not read them: the bucket's rules keep it from that, most likely. */
export class PeaksUnreachable extends Error {}

/** Read a variant's peaks; null where there are none. They are open to whoever knows the asset. Throw PeaksUnreachable. */
export async function readPeaks(assetId: string, variant: Variant, signal: AbortSignal): Promise<Peaks | null> {
  try {
    const answer = await fetch(assetPath(assetId, `/peaks?variant=${variant}`), { signal })
    return answer.ok ? ((await answer.json()) as Peaks) : null
  } catch (error) {
    throw signal.aborted ? error : new PeaksUnreachable()
  }
}

/// The pair of an asset that is shown, for as long as it is shown.
import { useEffect, useState } from "preact/hooks"

import type { Asset, Figures, Variant } from "../api/types"
import type { Alignment } from "./alignment"
import { Pair } from "./pair"

/** What there is to hear of an asset. */
export function variantsOf(asset: Asset): Variant[] {
  return (["original", "prepared"] as const).filter((variant) => asset.renditions[variant])
}

/** Return the asset's pair: another one when there is something else to hear. */
export function usePair(asset: Asset, figures: Figures | null): Pair | null {
  const [pair, setPair] = useState<Pair | null>(null)
  const alignment = alignmentOf(asset, figures)
  useEffect(() => {
    const made = new Pair(asset.id, variantsOf(asset), alignment)
    setPair(made)
    return () => made.close()
  }, [asset.id, asset.renditions.original?.etag, asset.renditions.prepared?.etag, JSON.stringify(alignment)])
  return pair
}

/** Lengths as they were measured, or as the server knows them: 0 where nobody knows yet. */
function alignmentOf({ renditions }: Asset, figures: Figures | null): Alignment {
  return {
    original: figures?.before.duration ?? renditions.original?.duration ?? 0,
    prepared: renditions.prepared ? (figures?.after.duration ?? renditions.prepared.duration ?? 0) : 0,
    head: renditions.prepared ? (figures?.trimmedHead ?? 0) : 0,
  }
}
